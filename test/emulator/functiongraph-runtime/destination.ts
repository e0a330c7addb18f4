import { ASYNC_BODY_LIMIT } from "./settings.ts";

/** What a destination of asynchronous invocations receives (runtime reference, section 11.10). */
export interface DestinationPayload {
  /** Like `2020-08-20T12:00:00.000Z+08:00`, which is no date to JavaScript. */
  timestamp: string;
  request_context: {
    request_id: string;
    function_urn: string;
    condition: string;
    approximate_invoke_count: number;
  };
  request_payload: string;
  response_context: { status_code: number; function_error: string };
  response_payload: string;
}

/**
 * The event that the function of an `on_success` or `on_failure` destination is called with. An answer over 256 KB
 * becomes empty. How a failure is put in words is not documented: 500, and the answer's own text, are this emulator's.
 */
export function destinationPayload(invocation: {
  functionUrn: string;
  /** The request's body as it was sent. */
  event: string;
  result: { status: "ok" | "error"; body: string; requestId: string };
  /** How often the event was tried; over 1 it was retried. */
  invokeCount: number;
  /** Milliseconds. */
  now: number;
}): DestinationPayload {
  const { functionUrn, event, result, invokeCount, now } = invocation;
  const failed = result.status === "error";
  return {
    timestamp: `${new Date(now).toISOString()}+08:00`,
    request_context: {
      request_id: result.requestId,
      function_urn: functionUrn,
      condition: "",
      approximate_invoke_count: invokeCount,
    },
    request_payload: event,
    response_context: { status_code: failed ? 500 : 200, function_error: failed ? result.body : "" },
    response_payload: Buffer.byteLength(result.body) > ASYNC_BODY_LIMIT ? "" : result.body,
  };
}
