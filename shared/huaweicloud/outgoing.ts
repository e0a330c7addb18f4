import type { ApiRequest } from "./api-client.ts";
import { SignedHeaders } from "./canonical-headers.ts";
import { buildUrl, UnsafeUrlError } from "./url.ts";

/** A request made ready once: the same bytes are signed and sent on every attempt. */
export interface Outgoing {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | undefined;
  host: string;
  /** For messages and errors: without the query, and with 32-digit project ids as `…`. */
  shownPath: string;
  shownUrl: string;
}

/** Encodes URL and body, checks the headers. Throws `UnsafeUrlError` or `SignatureInputError`; nothing is sent then. */
export function prepare(request: ApiRequest<unknown>): Outgoing {
  const method = request.method.toUpperCase();
  const url = buildUrl(request.endpoint, request.path, request.query);
  const body = request.body === undefined ? undefined : JSON.stringify(request.body);
  if (body !== undefined && (method === "GET" || method === "HEAD")) {
    throw new UnsafeUrlError(`${request.operation}: a ${method} request cannot have a body.`);
  }
  const { host, origin, pathname } = new URL(url);
  const shownPath = pathname.replace(/\/[0-9a-f]{32}(?=\/|$)/g, "/…");
  return {
    method,
    url,
    headers: new SignedHeaders({
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...lowerCased(request.headers),
    }).toObject(),
    body,
    host,
    shownPath,
    shownUrl: origin + pathname,
  };
}

function lowerCased(headers: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
