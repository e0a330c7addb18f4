import type { Report } from "./check-definition.ts";
import type { FlowDefinition } from "./definition.ts";
import { pendingBudget } from "./flow-budget.ts";
import { loopsIn } from "./flow-graph.ts";

/** The longest an EXPRESS flow may run (FunctionGraph user guide, limits of flows). */
const expressSeconds = 300;

/** The time that the flow gives a pending request covers its deadline, and fits the flow's mode. */
export function checkTime(
  definition: FlowDefinition,
  deadlineSeconds: number | undefined,
  report: Report,
): void {
  if (loopsIn(definition).length > 0) return;
  const budget = pendingBudget(definition);
  const path = budget.path.join(" -> ");
  if (definition.mode === "EXPRESS" && budget.seconds >= expressSeconds) {
    report({
      level: "error",
      path: "mode",
      message: `an EXPRESS flow ends after ${expressSeconds} s, and ${path} can take ${budget.seconds} s`,
      fix: 'set "mode": "NORMAL", or wait less',
    });
  }
  if (deadlineSeconds !== undefined && budget.polls && budget.seconds < deadlineSeconds) {
    report({
      level: "error",
      message: `the flow waits at most ${budget.seconds} s (${path}), but a request may take ${deadlineSeconds} s`,
      fix: "raise waitSeconds, the retry's delay or its max_attempts, or add a Sleep and another poll",
    });
  }
}
