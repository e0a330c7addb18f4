import { apigAnswer, apigError, isApigAnswer } from "../apig-answer.ts";
import { isApigEvent } from "../events/apig.ts";
import { flowError } from "../flow-error.ts";
import type { Call } from "../invocation.ts";

/**
 * Gives every caller an answer of the form it needs. API Gateway gets all four members, for it makes a 500 of
 * anything less; everybody else gets the flat result of a flow's step, errors included: FunctionGraph would keep only
 * an error's name and message. The stack goes to the log.
 */
export function answer() {
  return {
    after(request: { context: Call; response?: unknown }): void {
      const { context, response } = request;
      if (!isApigEvent(context.event) || isApigAnswer(response)) return;
      const { statusCode } = (response ?? {}) as { statusCode?: unknown };
      request.response = apigAnswer(typeof statusCode === "number" ? statusCode : 200, response);
    },
    onError({ context: call, error }: { context: Call; error: unknown }): object {
      call.logger.error({ err: error }, "the function could not do its work");
      const requestId = call.context.getRequestID();
      return isApigEvent(call.event) ? apigError(error, requestId) : flowError(error, call.event);
    },
  };
}
