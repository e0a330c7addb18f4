import type { IncomingMessage } from "node:http";

/** A request as it came over the wire; nothing in it is decoded or normalised. */
export interface Received {
  method: string;
  /** The request target of the request line. */
  target: string;
  /** The target up to `?`, and what follows it. */
  path: string;
  query: string;
  /** Name and value in turns, in the sender's spelling. */
  rawHeaders: string[];
  header(name: string): string | undefined;
  body: Buffer;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body: string;
}

/** The gateway takes at most 12 MB (ASM API reference, AK/SK-based authentication). */
export const MAX_BODY_BYTES = 12 * 1024 * 1024;

/** Reads a request whole; undefined when its body is larger than the gateway takes. */
export async function receive(message: IncomingMessage): Promise<Received | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (size > MAX_BODY_BYTES) return undefined;
  const target = message.url ?? "/";
  const mark = target.indexOf("?");
  return {
    method: message.method ?? "GET",
    target,
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? "" : target.slice(mark + 1),
    rawHeaders: message.rawHeaders,
    header: (name) => {
      const value = message.headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
    body: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks),
  };
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { "content-type": "application/json;charset=utf-8", ...headers },
    body: JSON.stringify(value),
  };
}

/** An error in the gateway's own shape. */
export function gatewayError(
  status: number,
  code: string,
  message: string,
  requestId: string,
  headers: Record<string, string> = {},
): Answer {
  return json(status, { error_msg: message, error_code: code, request_id: requestId }, headers);
}

/** The body as an object, or undefined when it is not JSON or not an object. */
export function parseObject(body: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
