import { createHash } from "node:crypto";
import type { Received } from "./http.ts";

/** Thrown for a target whose percent-encoding cannot be read. */
export class MalformedTargetError extends Error {
  override readonly name = "MalformedTargetError";
}

/**
 * Rebuilds the canonical request of SDK-HMAC-SHA256 from what arrived, for the header names that the sender
 * says it signed. One character stands for one byte (latin1): a header is hashed as the bytes on the wire.
 */
export function canonicalRequest(received: Received, signedHeaders: readonly string[]): string {
  const names = signedHeaders.map((name) => name.toLowerCase()).sort(byCodeUnit);
  return [
    received.method,
    canonicalUri(received.path),
    canonicalQuery(received.query),
    ...names.map((name) => `${name}:${headerOnTheWire(received, name)}`),
    "",
    names.join(";"),
    payloadHash(received, names),
  ].join("\n");
}

/** The gateway decodes the path once, encodes each segment again and ends it with a slash. */
function canonicalUri(path: string): string {
  const uri = decode(path).split("/").map(encode).join("/");
  return uri.endsWith("/") ? uri : `${uri}/`;
}

/** Sorted by decoded name, then by value; a name without a value keeps its `=`; `+` stands for a blank. */
function canonicalQuery(query: string): string {
  if (query === "") return "";
  return query
    .split("&")
    .filter((part) => part !== "")
    .map((part) => {
      const mark = part.indexOf("=");
      const [name, value] = mark < 0 ? [part, ""] : [part.slice(0, mark), part.slice(mark + 1)];
      return [decode(name.replaceAll("+", " ")), decode(value.replaceAll("+", " "))] as const;
    })
    .sort((a, b) => byCodeUnit(a[0], b[0]) || byCodeUnit(a[1], b[1]))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join("&");
}

function headerOnTheWire({ rawHeaders }: Received, name: string): string {
  const values: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if ((rawHeaders[i] as string).toLowerCase() === name) values.push((rawHeaders[i + 1] as string).trim());
  }
  return values.join(",");
}

/** A signed X-Sdk-Content-Sha256 (also `UNSIGNED-PAYLOAD`) takes the place of the body's hash. */
function payloadHash(received: Received, names: readonly string[]): string {
  const given = received.header("x-sdk-content-sha256");
  if (given !== undefined && names.includes("x-sdk-content-sha256")) return given.trim();
  return createHash("sha256").update(received.body).digest("hex");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new MalformedTargetError(`cannot decode ${text}`);
  }
}

const UNRESERVED = /^[A-Za-z0-9\-_.~]*$/;

/** Everything but unreserved characters as upper-case `%XY` over UTF-8 bytes. */
function encode(text: string): string {
  if (UNRESERVED.test(text)) return text;
  return [...Buffer.from(text, "utf8")]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      if (UNRESERVED.test(character)) return character;
      return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
