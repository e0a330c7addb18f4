import { percentEncode } from "./percent-encode.ts";

export type QueryValue = string | number | boolean | undefined | readonly (string | number | boolean)[];

/** Path or query of a request that would reach another resource than it names. */
export class UnsafeUrlError extends Error {
  override readonly name = "UnsafeUrlError";
  readonly retryable = false;
}

/**
 * The URL of a request, percent-encoded so that `fetch` changes nothing in it. Undefined query values are left out,
 * arrays repeat the name. Throws {@link UnsafeUrlError} for path segments that are `""`, `"."`, `".."` or have a
 * `/`, for nameless query parameters and for an endpoint that is not a plain base URL.
 */
export function buildUrl(
  endpoint: string,
  path: readonly string[],
  query: Readonly<Record<string, QueryValue>> = {},
): string {
  const url = baseOf(endpoint) + path.map((segment) => `/${encodeSegment(segment)}`).join("");
  const text = encodeQuery(query);
  return text === "" ? url : `${url}?${text}`;
}

function baseOf(endpoint: string): string {
  let url: URL;
  try {
    url = new URL(endpoint);
  } catch {
    throw new UnsafeUrlError(`The endpoint ${show(endpoint)} is not a URL.`);
  }
  if ((url.protocol !== "https:" && url.protocol !== "http:") || url.username || url.password) {
    throw new UnsafeUrlError("The endpoint must be an http or https URL without a user name.");
  }
  if (url.search || url.hash) {
    throw new UnsafeUrlError(`The endpoint ${show(url.origin)} must not have a query or a fragment.`);
  }
  return url.origin + url.pathname.replace(/\/+$/, "");
}

function encodeSegment(segment: string): string {
  if (typeof segment !== "string" || segment === "" || segment === "." || segment === "..") {
    throw new UnsafeUrlError(
      `${show(segment)} cannot stand in a path: an id or name must not be empty or dots.`,
    );
  }
  if (segment.includes("/")) {
    throw new UnsafeUrlError(`${show(segment)} cannot stand in a path: an id or name must not have a slash.`);
  }
  return encode(segment);
}

function encodeQuery(query: Readonly<Record<string, QueryValue>>): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    if (name === "") throw new UnsafeUrlError("A query parameter has no name.");
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one === null || one === undefined || Number.isNaN(one) || typeof one === "object") {
        throw new UnsafeUrlError(`The query parameter ${show(name)} is not text, a number or a boolean.`);
      }
      parts.push(`${encode(name)}=${encode(String(one))}`);
    }
  }
  return parts.join("&");
}

function encode(text: string): string {
  try {
    return percentEncode(text);
  } catch {
    throw new UnsafeUrlError("A path or query has half a character in it (a lone surrogate).");
  }
}

function show(value: unknown): string {
  return JSON.stringify(String(value).slice(0, 80));
}
