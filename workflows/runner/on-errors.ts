import type { OperationState } from "../definition.ts";
import { testCondition } from "../expression.ts";
import type { ActionResult } from "./flow-state.ts";

export interface OnErrorsMatch {
  /** Index in `on_errors`. */
  index: number;
  /** The results that a retry keeps: null where the action is called again. */
  keeps(results: (ActionResult | null)[], action: number): (ActionResult | null)[];
}

/**
 * The first entry of `on_errors`, in order, whose condition holds for a result (assumption A5). An entry without a
 * condition stands for a function that threw or ran out of time (A9).
 */
export function matchOnErrors(state: OperationState, judged: ActionResult): OnErrorsMatch | undefined {
  const index = state.on_errors?.findIndex((entry) => holds(entry.error, judged)) ?? -1;
  if (index < 0) return undefined;
  const condition = state.on_errors?.[index]?.error;
  return {
    index,
    keeps(results, action) {
      if (state.action_mode !== "parallel") return results.map((r, i) => (i >= action ? null : r));
      const kept = results.map((r) => (r && holds(condition, r) ? null : r));
      return kept.includes(null) ? kept : results.map(() => null);
    },
  };
}

function holds(condition: string | undefined, result: ActionResult): boolean {
  if (condition === undefined || condition === "") return result.thrown !== undefined;
  return testCondition(condition, result.output);
}
