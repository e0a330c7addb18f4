import * as z from "zod/mini";

/**
 * What API Gateway sends, shared and dedicated alike. `body` is a text even when empty, base64 unless the API says
 * otherwise; a greedy path gives a path parameter without a name.
 */
export const apigEvent = z.looseObject({
  httpMethod: z.string(),
  path: z.string(),
  headers: z.record(z.string(), z.unknown()),
  body: z._default(z.nullable(z.string()), ""),
  isBase64Encoded: z._default(z.boolean(), false),
  queryStringParameters: z._default(z.nullable(z.record(z.string(), z.unknown())), {}),
  pathParameters: z._default(z.nullable(z.record(z.string(), z.unknown())), {}),
  requestContext: z.looseObject({
    apiId: z.optional(z.string()),
    requestId: z.optional(z.string()),
    stage: z.optional(z.string()),
  }),
});
export type ApigEvent = z.infer<typeof apigEvent>;

export function isApigEvent(event: unknown): boolean {
  return apigEvent.safeParse(event).success;
}

/** The bytes of the body as the client sent them; signatures are made over these. */
export function apigBody({ body, isBase64Encoded }: Pick<ApigEvent, "body" | "isBase64Encoded">): Buffer {
  return Buffer.from(body ?? "", isBase64Encoded ? "base64" : "utf8");
}

/** A header by its name in any case. */
export function apigHeader({ headers }: Pick<ApigEvent, "headers">, name: string): string | undefined {
  const key = Object.keys(headers).find((each) => each.toLowerCase() === name.toLowerCase());
  const value = key === undefined ? undefined : headers[key];
  return value === undefined || value === null ? undefined : String(value);
}
