import { randomUUID } from "node:crypto";

/** The event of an API gateway's trigger (runtime reference, section 11.1). */
export interface ApigEvent {
  body: string;
  requestContext: { apiId: string; requestId: string; stage: string };
  queryStringParameters: Record<string, string>;
  httpMethod: string;
  pathParameters: Record<string, string>;
  headers: Record<string, string>;
  path: string;
  isBase64Encoded: boolean;
}

export interface ApigAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** A dedicated gateway takes 4 MB. */
const LARGEST_BODY = 4 * 1024 * 1024;

/**
 * What a gateway makes of an HTTP request: lower-case header names, the body in Base64 unless the API says otherwise,
 * an empty text where there is none. Of a query name given twice the last value stays: what a real gateway does is not
 * known. Throws a RangeError over 4 MB.
 */
export function apigEvent(
  request: {
    method: string;
    /** Absolute, or the path and query alone. */
    url: string;
    headers?: Record<string, string>;
    body?: string | Uint8Array;
  },
  options: {
    base64?: boolean;
    apiId?: string;
    requestId?: string;
    stage?: string;
    clientIp?: string;
    /** A greedy path of an API puts the rest under an empty name: `{ "": "chat/slack" }`. */
    pathParameters?: Record<string, string>;
  } = {},
): ApigEvent {
  const { base64 = true, stage = "RELEASE", clientIp = "192.0.2.1", pathParameters = {} } = options;
  const { apiId = "00000000-0000-4000-8000-00000000a919" } = options;
  const requestId = options.requestId ?? randomUUID().replaceAll("-", "");
  const url = new URL(request.url, "https://gateway.example.com");
  const body = Buffer.from(request.body ?? "");
  if (body.length > LARGEST_BODY) {
    throw new RangeError(`request body size ${body.length} exceeds the gateway's ${LARGEST_BODY}`);
  }
  const headers = Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    body: body.toString(base64 ? "base64" : "utf8"),
    requestContext: { apiId, requestId, stage },
    queryStringParameters: Object.fromEntries(url.searchParams),
    httpMethod: request.method.toUpperCase(),
    pathParameters,
    headers: {
      host: url.host,
      "x-forwarded-for": clientIp,
      "x-forwarded-host": url.host,
      "x-forwarded-port": "443",
      "x-forwarded-proto": "https",
      "x-real-ip": clientIp,
      "x-request-id": requestId,
      ...Object.fromEntries(headers),
    },
    path: url.pathname,
    isBase64Encoded: base64,
  };
}

/**
 * What a gateway answers its client with, given what the function answered: 500 unless all four members are there and
 * of their kind (runtime reference, section 11.1), or where the function failed.
 */
export function apigAnswer(result: { status: "ok" | "error"; body: string }): ApigAnswer {
  const answer = result.status === "ok" ? members(result.body) : undefined;
  if (!answer) {
    const body = Buffer.from('{"error_msg":"Internal server error"}');
    return { status: 500, headers: { "content-type": "application/json" }, body };
  }
  const { statusCode, headers, body, isBase64Encoded } = answer;
  return { status: statusCode, headers, body: Buffer.from(body, isBase64Encoded ? "base64" : "utf8") };
}

interface Members {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
  isBase64Encoded: boolean;
}

function members(text: string): Members | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof answer !== "object" || answer === null) return undefined;
  const { statusCode, headers, body, isBase64Encoded } = answer as Record<string, unknown>;
  const fits =
    Number.isInteger(statusCode) &&
    typeof headers === "object" &&
    headers !== null &&
    !Array.isArray(headers) &&
    Object.values(headers).every((value) => typeof value === "string") &&
    typeof body === "string" &&
    typeof isBase64Encoded === "boolean";
  return fits ? (answer as Members) : undefined;
}
