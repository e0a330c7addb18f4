import { InvalidRequestError } from "../request/mesh-request.ts";

/** All four members must be there. */
export interface ApigAnswer {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
  isBase64Encoded: boolean;
}

/** An answer in JSON. */
export function apigAnswer(
  statusCode: number,
  body: unknown,
  headers: Record<string, string> = {},
): ApigAnswer {
  return {
    statusCode,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body ?? null),
    isBase64Encoded: false,
  };
}

/** Says what is wrong with the request; of what is wrong with the function it says no more than where to look. */
export function apigError(error: unknown, requestId: string): ApigAnswer {
  const invalid = error instanceof InvalidRequestError;
  return apigAnswer(invalid ? 400 : 503, {
    error: invalid
      ? { code: "INVALID_REQUEST", message: error.message, requestId }
      : { code: "UNAVAILABLE", message: "This cannot be answered now: see the function's log.", requestId },
  });
}

export function isApigAnswer(value: unknown): value is ApigAnswer {
  const { statusCode, headers, body, isBase64Encoded } = (value ?? {}) as Partial<ApigAnswer>;
  return (
    typeof statusCode === "number" &&
    typeof headers === "object" &&
    typeof body === "string" &&
    typeof isBase64Encoded === "boolean"
  );
}
