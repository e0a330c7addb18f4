import { createHash, createHmac, hkdfSync } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** A request as it came off the wire. */
export interface ReceivedRequest {
  method: string;
  /** Path and query as received. */
  target: string;
  /** Name, value, name, value, as received. */
  rawHeaders: string[];
  body: Buffer;
}

export async function receive(message: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return {
    method: message.method ?? "",
    target: message.url ?? "",
    rawHeaders: message.rawHeaders,
    body: Buffer.concat(chunks),
  };
}

/**
 * Checks a signature as the gateway does, from the received bytes alone, and shares no code with the signer.
 * Returns `"valid"`, or the canonical request that was built where it does not fit.
 */
export function verifySignature(
  request: ReceivedRequest,
  secretOf: (accessKey: string) => string | undefined,
): "valid" | { canonicalRequest: string; why: string } {
  const headers = new Map<string, string>();
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    headers.set(request.rawHeaders[i]!.toLowerCase(), request.rawHeaders[i + 1]!.trim());
  }
  const authorization = headers.get("authorization") ?? "";
  const match =
    /^(SDK-HMAC-SHA256) Access=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      authorization,
    ) ??
    /^(V11-HMAC-SHA256) Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      authorization,
    );
  if (!match) return { canonicalRequest: "", why: "no usable Authorization header" };
  const [, algorithm, credential, signedNames, signature] = match as unknown as string[];
  const [accessKey, ...info] = credential!.split("/");
  const secret = secretOf(accessKey!);
  if (secret === undefined) return { canonicalRequest: "", why: `ak ${accessKey} not exist` };
  const date = headers.get("x-sdk-date") ?? "";
  const names = signedNames!.split(";");
  if (!names.includes("x-sdk-date")) return { canonicalRequest: "", why: "X-Sdk-Date is not signed" };
  const [path, query] = splitOnce(request.target, "?");
  const canonicalRequest = [
    request.method,
    canonicalPath(path),
    canonicalQuery(query),
    ...names.map((name) => `${name}:${headers.get(name) ?? "(missing)"}`),
    "",
    names.join(";"),
    headers.get("x-sdk-content-sha256") ?? sha256(request.body),
  ].join("\n");
  const scope = info.length > 0 ? `${info.join("/")}\n` : "";
  const text = `${algorithm}\n${date}\n${scope}${sha256(Buffer.from(canonicalRequest))}`;
  const key =
    info.length > 0
      ? Buffer.from(hkdfSync("sha256", secret, accessKey!, info.join("/"), 32)).toString("hex")
      : secret;
  const expected = createHmac("sha256", key).update(text).digest("hex");
  return expected === signature ? "valid" : { canonicalRequest, why: "verify aksk signature fail" };
}

function canonicalPath(path: string): string {
  const encoded = path.split("/").map((segment) => escapeBytes(unescapeBytes(segment)));
  const joined = encoded.join("/");
  return joined.endsWith("/") ? joined : `${joined}/`;
}

function canonicalQuery(query: string): string {
  if (query === "") return "";
  const pairs = query.split("&").map((part) => {
    const [name, value] = splitOnce(part, "=");
    return [unescapeBytes(name.replaceAll("+", " ")), unescapeBytes(value.replaceAll("+", " "))] as const;
  });
  pairs.sort((a, b) => Buffer.compare(a[0], b[0]) || Buffer.compare(a[1], b[1]));
  return pairs.map(([name, value]) => `${escapeBytes(name)}=${escapeBytes(value)}`).join("&");
}

function splitOnce(text: string, at: string): [string, string] {
  const index = text.indexOf(at);
  return index < 0 ? [text, ""] : [text.slice(0, index), text.slice(index + 1)];
}

function unescapeBytes(text: string): Buffer {
  const bytes: number[] = [];
  const source = Buffer.from(text, "utf8");
  for (let i = 0; i < source.length; i++) {
    if (source[i] === 0x25) {
      bytes.push(Number.parseInt(source.toString("latin1", i + 1, i + 3), 16));
      i += 2;
    } else bytes.push(source[i]!);
  }
  return Buffer.from(bytes);
}

const plain = new Set(Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~"));

function escapeBytes(bytes: Buffer): string {
  let text = "";
  for (const byte of bytes) {
    text += plain.has(byte)
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return text;
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
