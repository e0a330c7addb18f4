import type { MeshRequest } from "../../shared/request/mesh-request.ts";
import type { FlowDefinition } from "../definition.ts";
import { pendingBudget } from "../flow-budget.ts";
import { builtInFlow } from "./built-in-flows.ts";
import { CommandError } from "./command-error.ts";
import { exitCodes } from "./exit-codes.ts";
import { formatDuration } from "./output/duration.ts";

/** The longest that one call of poll-status waits, in seconds. */
const maxWaitSeconds = 600;

/**
 * The built-in flow for a request, with looks long enough for its deadline: a flow can call a state only so often.
 * Throws a {@link CommandError} for a deadline that no length of look can cover.
 */
export function flowForRequest(request: MeshRequest): FlowDefinition {
  const seconds = (Date.parse(request.deadline) - Date.parse(request.requestedAt)) / 1000;
  const flow = builtInFlow(`${request.action}-mesh`);
  if (pendingBudget(flow).seconds >= seconds) return flow;
  for (let wait = 240; wait <= maxWaitSeconds; wait += 40) {
    const longer = withWait(flow, wait);
    if (pendingBudget(longer).seconds >= seconds) return longer;
  }
  const most = pendingBudget(withWait(flow, maxWaitSeconds)).seconds;
  throw new CommandError(
    `A deadline of ${formatDuration(seconds * 1000)} is too long: a request can wait ${formatDuration(most * 1000)}.`,
    { exitCode: exitCodes.usage, next: "Give a shorter one with --deadline or MESHFLOW_DEADLINE_MINUTES." },
  );
}

function withWait(flow: FlowDefinition, waitSeconds: number): FlowDefinition {
  const longer = structuredClone(flow);
  for (const state of longer.states) {
    for (const { function_ref } of state.actions) {
      if ("waitSeconds" in function_ref.arguments) function_ref.arguments.waitSeconds = waitSeconds;
    }
  }
  return longer;
}
