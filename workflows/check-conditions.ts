import type { Finding, Report } from "./check-definition.ts";
import type { FlowDefinition, OperationState } from "./definition.ts";
import { parseCondition } from "./expression.ts";
import { matches } from "./flow-budget.ts";
import { statesById } from "./flow-graph.ts";

/** What the functions of a flow may answer when they do not reach their goal. */
const failureCodes = [400, 401, 403, 404, 409, 410, 422, 503, 504];

/** Conditions can be read and compare numbers, lead somewhere, and cover what the functions may answer. */
export function checkConditions(definition: FlowDefinition, report: Report): void {
  for (const [at, state] of definition.states.entries()) {
    for (const [index, entry] of (state.on_errors ?? []).entries()) {
      const say = (level: Finding["level"], message: string, fix: string) =>
        report({ level, state: state.id, path: `states[${at}].on_errors[${index}]`, message, fix });

      if (!entry.error) {
        say(
          "warning",
          "an on_errors entry has no condition, and when it holds then is not documented",
          'add one, such as "error": "$.statusCode >= 400"',
        );
      } else {
        const fault = conditionFault(entry.error);
        if (fault !== undefined) {
          say(
            "error",
            `cannot test ${JSON.stringify(entry.error)}: ${fault}`,
            "write a path, one operator and a number: $.statusCode >= 400",
          );
        }
      }
      if (!entry.transition) {
        say(
          "warning",
          `nothing says where "${state.id}" goes when ${entry.error ?? "this entry"} still holds`,
          "add a transition to the on_errors entry",
        );
      }
    }
    if (state.type === "Operation" && leadsOn(state, definition)) checkCoverage(state, at, report);
  }
}

function conditionFault(condition: string): string | undefined {
  try {
    const { value } = parseCondition(condition);
    return typeof value === "number" ? undefined : "it does not compare with a number";
  } catch (error) {
    return (error as Error).message;
  }
}

/** A state whose failure would be taken for success: something other than the end comes after it. */
function leadsOn(state: OperationState, definition: FlowDefinition): boolean {
  const next = statesById(definition).get(state.transition);
  return next !== undefined && next.type !== "End" && state.transition !== sinkOf(state);
}

/** The state that takes every failure of `state`, when its success goes there too (a notify that reads the code). */
function sinkOf(state: OperationState): string | undefined {
  const targets = new Set((state.on_errors ?? []).map((entry) => entry.transition));
  return targets.size === 1 ? [...targets][0] : undefined;
}

function checkCoverage(state: OperationState, at: number, report: Report): void {
  const conditions = (state.on_errors ?? []).map((entry) => entry.error ?? "");
  const testsOtherFields = conditions.some((condition) => !condition.startsWith("$.statusCode"));
  if (testsOtherFields) return;
  const missed = failureCodes.filter((code) => !conditions.some((condition) => matches(condition, code)));
  if (missed.length === 0) return;
  report({
    level: "warning",
    state: state.id,
    path: `states[${at}].on_errors`,
    message: `when "${state.id}" answers ${missed.join(", ")}, the flow goes on to "${state.transition}" as if it had succeeded`,
    fix: 'add an on_errors entry with "$.statusCode >= 400"',
  });
}
