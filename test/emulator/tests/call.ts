import { AKSKSigner } from "@huaweicloud/huaweicloud-sdk-core/auth/AKSKSigner.js";
import { BasicCredentials } from "@huaweicloud/huaweicloud-sdk-core/auth/BasicCredentials.js";
import type { Emulator } from "../emulator.ts";

export interface Call {
  body?: unknown;
  headers?: Record<string, string>;
  accessKey?: string;
  secretKey?: string;
  securityToken?: string;
  /** X-Sdk-Date; the emulator's own time unless given. */
  date?: string;
  signal?: AbortSignal;
}

export interface Result {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into answers of any shape
  body: any;
}

/** Sends a request signed by the official SDK's signer, so that the emulator is judged by somebody else's code. */
export async function call(
  emulator: Emulator,
  method: string,
  path: string,
  given: Call = {},
): Promise<Result> {
  const { body, signal, securityToken } = given;
  const { accessKey = emulator.defaults.accessKey, secretKey = emulator.defaults.secretKey } = given;
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const url = new URL(path, emulator.url);
  const date = given.date ?? new Date(emulator.clock.now()).toISOString().replace(/[-:]|\.\d+/g, "");
  const credential = new BasicCredentials({ ak: accessKey, sk: secretKey });
  const request = {
    method,
    endpoint: url.origin + url.pathname,
    queryParams: Object.fromEntries(url.searchParams),
    headers: {
      "X-Sdk-Date": date,
      ...(securityToken === undefined ? {} : { "X-Security-Token": securityToken }),
      ...(text === undefined ? {} : { "content-type": "application/json" }),
      ...(typeof body === "string" ? { "X-Sdk-Content-Sha256": "UNSIGNED-PAYLOAD" } : {}),
      ...given.headers,
    },
    ...(typeof body === "object" ? { data: body } : {}),
  };
  const headers = AKSKSigner.sign(request as never, credential) as Record<string, string>;
  return send(emulator, method, path, { ...(text === undefined ? {} : { body: text }), headers, signal });
}

/** Sends a request as it is. */
export async function send(
  emulator: Emulator,
  method: string,
  path: string,
  init: { body?: string; headers?: Record<string, string>; signal?: AbortSignal | undefined } = {},
): Promise<Result> {
  const response = await fetch(emulator.url + path, { method, ...init, signal: init.signal ?? null });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parse(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
