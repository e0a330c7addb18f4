import type { OperationState } from "../definition.ts";
import type { ActionResult, FlowError, RunState, StepEvent, StepOutcome } from "./flow-state.ts";
import { matchOnErrors, type OnErrorsMatch } from "./on-errors.ts";
import { expressionFault } from "./state-data.ts";
import type { StepCourse } from "./step-course.ts";

/** What follows from a function's answer: wait for the others, retry, branch, next action, next state, end. */
export function takeResult(
  course: StepCourse,
  state: RunState,
  action: number,
  result: ActionResult,
): StepOutcome | undefined {
  const target = expecting(course, state, action);
  if (!target) return undefined;
  course.record({
    type: result.thrown ? "failed" : "result",
    stateId: state.stateId,
    attempt: state.attempt,
    action,
    data: result.thrown ?? result.output,
  });
  const results = target.actions.map((_, i) => (i === action ? result : (state.results?.[i] ?? null)));
  const parallel = target.action_mode === "parallel";
  if (parallel && results.includes(null)) return course.outcome({ ...state, results }, []);
  const judged = parallel && results.length > 1 ? mergeResults(results as ActionResult[]) : result;
  let match: OnErrorsMatch | undefined;
  try {
    match = matchOnErrors(target, judged);
  } catch (error) {
    return course.fail(state, expressionFault(error, state.stateId));
  }
  if (match)
    return handle(course, target, state, { index: match.index, judged, kept: match.keeps(results, action) });
  if (judged.thrown) {
    const kept = results.map((r) => (r?.thrown ? null : r));
    return course.fail({ ...state, results: kept }, judged.thrown, state.data);
  }
  if (!parallel && action + 1 < target.actions.length)
    return course.begin(target, { ...state, attempt: 1, results });
  return course.leave(target, state, judged.output, target.transition);
}

/** The same for a function that threw or ran out of time: nobody knows what FunctionGraph makes `$` then (A7). */
export function takeFailure(
  course: StepCourse,
  state: RunState,
  event: Extract<StepEvent, { type: "failed" }>,
): StepOutcome | undefined {
  const target = expecting(course, state, event.action);
  if (!target) return undefined;
  const thrown = { code: event.code, message: event.message };
  const statusCode = event.timedOut ? 503 : 500;
  const output = { ...course.input(target, state, event.action), statusCode, error: thrown };
  return takeResult(course, state, event.action, { output, thrown });
}

/** The state, if it waits for this action's result. */
function expecting(course: StepCourse, state: RunState, action: number): OperationState | undefined {
  const target = course.find(state.stateId);
  if (target?.type !== "Operation") return undefined;
  if (state.waiting || !target.actions[action] || state.results?.[action]) return undefined;
  const turn = target.action_mode === "parallel" || action === 0 || state.results?.[action - 1];
  return turn ? target : undefined;
}

/** Parallel actions: the members of all outputs, later ones winning, with the worst statusCode and all in `result`. */
function mergeResults(results: ActionResult[]): ActionResult {
  const outputs = results.map((result) => result.output);
  const codes = outputs.flatMap((output) => {
    const code = (output as { statusCode?: unknown } | null)?.statusCode;
    return typeof code === "number" ? [code] : [];
  });
  const objects = outputs.filter((output) => typeof output === "object" && !Array.isArray(output));
  const thrown = results.find((result) => result.thrown)?.thrown;
  const output = {
    ...Object.assign({}, ...objects),
    ...(codes.length > 0 ? { statusCode: Math.max(...codes) } : {}),
    result: outputs,
  };
  return thrown ? { output, thrown } : { output };
}

/** An entry of `on_errors` that holds, the result it was tested on, and the results that a retry keeps. */
interface Held {
  index: number;
  judged: ActionResult;
  kept: (ActionResult | null)[];
}

/** The condition of an `on_errors` entry holds: retry, branch, or fail (functiongraph_01_0413). */
function handle(
  course: StepCourse,
  target: OperationState,
  state: RunState,
  { index, judged, kept }: Held,
): StepOutcome {
  const entry = target.on_errors?.[index] ?? {};
  const condition = entry.error ?? "the function failed";
  if (entry.retry_ref) {
    const policy = course.retryPolicy(entry.retry_ref);
    if (!policy) {
      const message = `There is no retry "${entry.retry_ref}".`;
      return course.fail(state, { code: "InvalidDefinition", message });
    }
    const used = state.retries?.[index] ?? 0;
    if (used < policy.maxAttempts) return retry(course, state, index, kept, policy.delayMs);
    const message = `State "${state.stateId}": ${condition} still held after ${used} ${used === 1 ? "retry" : "retries"}.`;
    const error = { code: "RetriesExhausted", message };
    const { stateId, attempt } = state;
    course.record({ type: "retries-exhausted", stateId, attempt, data: error });
    if (!entry.transition) return course.fail({ ...state, results: kept }, judged.thrown ?? error);
  }
  if (entry.transition) return course.leave(target, state, judged.output, entry.transition);
  const message = `State "${state.stateId}": ${condition} held and its on_errors entry names no transition.`;
  const error = judged.thrown ?? errorOf(judged.output) ?? { code: "Unhandled", message };
  return course.fail({ ...state, results: kept }, error);
}

/** `$` stays what it was on entering the state (A24). */
function retry(
  course: StepCourse,
  state: RunState,
  index: number,
  kept: (ActionResult | null)[],
  delayMs: number,
): StepOutcome {
  const until = course.now + delayMs;
  const waiting: RunState = {
    ...state,
    attempt: state.attempt + 1,
    retries: { ...state.retries, [index]: (state.retries?.[index] ?? 0) + 1 },
    results: kept,
    waiting: "retry",
    wakeAt: until,
  };
  return course.outcome(waiting, [{ type: "sleep", until }]);
}

function errorOf(output: unknown): FlowError | undefined {
  const error = (output as { error?: { code?: unknown; message?: unknown } } | null)?.error;
  if (typeof error?.code !== "string" || typeof error.message !== "string") return undefined;
  return { code: error.code, message: error.message };
}
