import * as z from "zod/mini";

/**
 * How an asynchronous invocation has ended, as its destination is told. The documented form of `timestamp` is no
 * date that JavaScript reads. A payload is empty where it was over 256 KB.
 */
export const asyncDestinationEvent = z.looseObject({
  timestamp: z.string(),
  request_context: z.looseObject({
    request_id: z.string(),
    function_urn: z.string(),
    condition: z.optional(z.string()),
    /** More than 1: the platform has tried again. */
    approximate_invoke_count: z.optional(z.number()),
  }),
  request_payload: z.optional(z.unknown()),
  response_context: z.looseObject({
    status_code: z.number(),
    function_error: z.optional(z.string()),
  }),
  response_payload: z.optional(z.unknown()),
});

/**
 * The step's result that an event of a destination tells of: what the function answered, or what it was given with
 * the error that ended it. The event itself when it is none of a destination.
 */
export function unwrapDestination(event: unknown): unknown {
  const parsed = asyncDestinationEvent.safeParse(event);
  if (!parsed.success) return event;
  const { request_context, request_payload, response_context, response_payload } = parsed.data;
  const answered = asObject(response_payload);
  if (typeof answered.statusCode === "number") return answered;
  const name = /:function:[^:]+:([^:]+)/.exec(request_context.function_urn)?.[1] ?? "The function";
  const why = answered.errorMessage ?? response_context.function_error;
  return {
    ...asObject(request_payload),
    statusCode: 503,
    error: {
      code: "FUNCTION_FAILED",
      message: `${name} ended without a result (status ${response_context.status_code}): ${why || "no reason was given"}`,
      requestId: request_context.request_id,
    },
  };
}

/** A payload comes as JSON text or as what that says. */
function asObject(payload: unknown): Record<string, unknown> {
  if (typeof payload === "object" && payload !== null) return payload as Record<string, unknown>;
  try {
    const value: unknown = JSON.parse(String(payload));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
