import type { FlowDefinition, FlowState, OperationState } from "./definition.ts";
import { testCondition } from "./expression.ts";
import { heaviestPath } from "./flow-graph.ts";

/** How long a flow can go on, in seconds, along the path on which that is longest. */
export interface FlowBudget {
  seconds: number;
  path: string[];
  /** True when some state is called again on 202: the flow waits for something. */
  polls: boolean;
}

/**
 * The time a flow gives a pending request: its sleeps, and for each state called again on 202
 * `max_attempts × (waitSeconds + delay)`. `waitSeconds` is a literal argument (absent: 0). The first call, before
 * any retry, is left out, so that the budget holds whichever way the service counts attempts.
 */
export function pendingBudget(definition: FlowDefinition): FlowBudget {
  const weightOf = (state: FlowState) =>
    state.type === "Sleep" ? state.duration : state.type === "Operation" ? pollSeconds(definition, state) : 0;
  const { total, path } = heaviestPath(definition, weightOf);
  const polls = definition.states.some(
    (state) => state.type === "Operation" && pollSeconds(definition, state) > 0,
  );
  return { seconds: total, path, polls };
}

function pollSeconds(definition: FlowDefinition, state: OperationState): number {
  const waits = state.actions.map((action) => {
    const wait = action.function_ref.arguments.waitSeconds;
    return typeof wait === "number" ? wait : 0;
  });
  const wait =
    state.action_mode === "parallel" ? Math.max(...waits) : waits.reduce((sum, one) => sum + one, 0);
  const budgets = (state.on_errors ?? [])
    .filter((entry) => entry.error !== undefined && matches(entry.error, 202))
    .map((entry) => definition.retries.find((retry) => retry.name === entry.retry_ref))
    .map((retry) => (retry === undefined ? 0 : retry.max_attempts * (wait + retry.delay)));
  return Math.max(0, ...budgets);
}

/** Whether a condition holds for a result with this statusCode; one that cannot be read holds for none. */
export function matches(condition: string, statusCode: number): boolean {
  try {
    return testCondition(condition, { statusCode });
  } catch {
    return false;
  }
}
