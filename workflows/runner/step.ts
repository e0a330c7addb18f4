import type { FlowDefinition, FlowState, OperationState } from "../definition.ts";
import { ExpressionError, resolveArguments, select } from "../expression.ts";
import { type CompiledFlow, compileFlow } from "./compiled-flow.ts";
import type { ActionResult, Command, RunState, StepEvent, StepOutcome, StepRecord } from "./flow-state.ts";
import { matchOnErrors } from "./on-errors.ts";

/**
 * One step of an execution: pure, no I/O, so the same code runs under the journal, in a function invocation and in
 * simulation. An event that does not fit the state (a late result, anything after the end) changes nothing.
 * `state` is undefined only for `start`; `now` is ms since 1970.
 */
export function step(
  definition: FlowDefinition,
  state: RunState | undefined,
  event: StepEvent,
  now: number,
): StepOutcome {
  const run = new Step(definition, now);
  if (!state) {
    if (event.type !== "start") throw new TypeError(`An execution begins with start, not ${event.type}.`);
    run.record({ type: "start", stateId: definition.start, attempt: 1, data: event.input });
    return run.enter(definition.start, event.input);
  }
  if (event.type === "redrive")
    return state.status === "running" ? unchanged(state) : run.redrive(state, event);
  if (state.status !== "running") return unchanged(state);
  switch (event.type) {
    case "result":
      return run.take(state, event.action, { output: event.output });
    case "failed":
      return run.failed(state, event);
    case "wake":
      return run.wake(state);
    case "resume":
      return run.resume(state);
    case "cancel": {
      const error = { code: "Cancelled", message: event.reason ?? "Cancelled on request." };
      run.record({ type: "cancel", stateId: state.stateId, attempt: state.attempt, data: error });
      return run.stop(state, "cancel", error);
    }
    case "deadline": {
      const error = {
        code: "DeadlinePassed",
        message: `The deadline passed in state "${state.stateId}" (try ${state.attempt}).`,
      };
      run.record({ type: "deadline", stateId: state.stateId, attempt: state.attempt, data: error });
      return run.stop(state, "timeout", error);
    }
    default:
      return unchanged(state);
  }
}

function unchanged(state: RunState): StepOutcome {
  return { state, commands: [], records: [] };
}

class Step {
  private readonly definition: FlowDefinition;
  private readonly flow: CompiledFlow;
  private readonly now: number;
  private readonly records: StepRecord[] = [];

  constructor(definition: FlowDefinition, now: number) {
    this.definition = definition;
    this.flow = compileFlow(definition);
    this.now = now;
  }

  record(record: StepRecord): void {
    this.records.push(record);
  }

  enter(stateId: string, data: unknown): StepOutcome {
    const target = this.flow.states.get(stateId);
    const state: RunState = { status: "running", stateId, data, attempt: 1 };
    if (!target) {
      const message = stateId === "" ? "The state has no transition." : `There is no state "${stateId}".`;
      return this.fail(state, { code: "InvalidDefinition", message });
    }
    return this.begin(target, state);
  }

  redrive(state: RunState, event: { input?: unknown }): StepOutcome {
    const { error: _, waiting: __, wakeAt: ___, retries: ____, ...kept } = state;
    const again: RunState = { ...kept, status: "running", attempt: 1 };
    if ("input" in event) {
      again.data = event.input;
      delete again.results;
    }
    this.record({
      type: "redrive",
      stateId: state.stateId,
      attempt: 1,
      ...("input" in event ? { data: event.input } : {}),
    });
    const target = this.flow.states.get(state.stateId);
    return target ? this.begin(target, again) : this.enter(state.stateId, again.data);
  }

  resume(state: RunState): StepOutcome {
    const target = this.flow.states.get(state.stateId);
    if (!target) return this.enter(state.stateId, state.data);
    if (state.waiting) return this.outcome(state, [{ type: "sleep", until: state.wakeAt ?? this.now }]);
    return this.begin(target, state);
  }

  wake(state: RunState): StepOutcome {
    const target = this.flow.states.get(state.stateId);
    if (!state.waiting || !target) return unchanged(state);
    const { waiting, wakeAt: _, ...awake } = state;
    if (waiting === "retry") return this.begin(target, awake);
    this.record({ type: "wake", stateId: state.stateId, attempt: state.attempt });
    return this.leave(target, awake, filter(target, "input", state.data), target.transition);
  }

  failed(
    state: RunState,
    event: { action: number; code: string; message: string; timedOut?: boolean },
  ): StepOutcome {
    const target = this.flow.states.get(state.stateId);
    if (target?.type !== "Operation" || !pending(target, state, event.action)) return unchanged(state);
    const thrown = { code: event.code, message: event.message };
    // assumption A7: nobody knows what FunctionGraph makes `$` when a function throws
    const output = {
      ...this.input(target, state, event.action),
      statusCode: event.timedOut ? 503 : 500,
      error: thrown,
    };
    return this.take(state, event.action, { output, thrown });
  }

  take(state: RunState, action: number, result: ActionResult): StepOutcome {
    const target = this.flow.states.get(state.stateId);
    if (target?.type !== "Operation" || !pending(target, state, action)) return unchanged(state);
    this.record({
      type: result.thrown ? "failed" : "result",
      stateId: state.stateId,
      attempt: state.attempt,
      action,
      data: result.thrown ?? result.output,
    });
    const results = target.actions.map((_, i) => (i === action ? result : (state.results?.[i] ?? null)));
    const parallel = target.action_mode === "parallel";
    if (parallel && results.includes(null)) return this.outcome({ ...state, results }, []);
    const judged = parallel && results.length > 1 ? mergeResults(results as ActionResult[]) : result;
    let match: ReturnType<typeof matchOnErrors>;
    try {
      match = matchOnErrors(target, judged);
    } catch (error) {
      return this.fail(state, expressionFault(error, state.stateId));
    }
    if (match) return this.handle(target, state, match.index, judged, match.repeats(results, action));
    if (judged.thrown) {
      const kept = results.map((r) => (r?.thrown ? null : r));
      return this.fail({ ...state, results: kept }, judged.thrown, state.data);
    }
    if (!parallel && action + 1 < target.actions.length)
      return this.begin(target, { ...state, attempt: 1, results });
    return this.leave(target, state, judged.output, target.transition);
  }

  stop(state: RunState, status: "fail" | "cancel" | "timeout", error: RunState["error"]): StepOutcome {
    const { waiting: _, wakeAt: __, ...rest } = state;
    this.record({ type: "end", stateId: state.stateId, attempt: state.attempt, data: { status, error } });
    return this.outcome({ ...rest, status, ...(error ? { error } : {}) }, [{ type: "end" }]);
  }

  /** The condition of `on_errors[index]` holds: retry, branch, or fail (functiongraph_01_0413). */
  private handle(
    target: OperationState,
    state: RunState,
    index: number,
    judged: ActionResult,
    repeat: (ActionResult | null)[],
  ): StepOutcome {
    const entry = target.on_errors?.[index] ?? {};
    if (entry.retry_ref) {
      const policy = this.flow.retries.get(entry.retry_ref);
      if (!policy)
        return this.fail(state, {
          code: "InvalidDefinition",
          message: `There is no retry "${entry.retry_ref}".`,
        });
      const used = state.retries?.[index] ?? 0;
      if (used < policy.maxAttempts) {
        const until = this.now + policy.delayMs;
        const waiting: RunState = {
          ...state,
          attempt: state.attempt + 1,
          retries: { ...state.retries, [index]: used + 1 },
          results: repeat,
          waiting: "retry",
          wakeAt: until,
        };
        return this.outcome(waiting, [{ type: "sleep", until }]);
      }
      const message = `State "${state.stateId}": ${entry.error ?? "the function failed"} still held after ${used} ${used === 1 ? "retry" : "retries"}.`;
      const error = { code: "RetriesExhausted", message };
      this.record({
        type: "retries-exhausted",
        stateId: state.stateId,
        attempt: state.attempt,
        data: error,
      });
      if (!entry.transition) return this.fail({ ...state, results: repeat }, judged.thrown ?? error);
    }
    if (entry.transition) return this.leave(target, state, judged.output, entry.transition);
    const message = `State "${state.stateId}": ${entry.error ?? "the function failed"} held and its on_errors entry names no transition.`;
    return this.fail(
      { ...state, results: repeat },
      judged.thrown ?? errorOf(judged.output) ?? { code: "Unhandled", message },
    );
  }

  /** Begins or goes on with a state: the commands for everything in it that has no result yet. */
  private begin(target: FlowState, state: RunState): StepOutcome {
    try {
      switch (target.type) {
        case "Sleep": {
          const until = this.now + target.duration * 1_000;
          return this.outcome({ ...state, waiting: "sleep", wakeAt: until }, [{ type: "sleep", until }]);
        }
        case "End": {
          const output = filter(target, "output", filter(target, "input", state.data));
          return this.succeed(state, output);
        }
        case "Operation": {
          const results = target.actions.map((_, i) => state.results?.[i] ?? null);
          const open = results.flatMap((result, i) => (result ? [] : [i]));
          const due = target.action_mode === "parallel" ? open : open.slice(0, 1);
          const commands = due.map((action) => this.invoke(target, state, action));
          if (target.actions.length > 1 || state.results)
            return this.outcome({ ...state, results }, commands);
          return this.outcome(state, commands);
        }
      }
    } catch (error) {
      return this.fail(state, expressionFault(error, state.stateId));
    }
  }

  private leave(target: FlowState, state: RunState, output: unknown, transition: string): StepOutcome {
    let data: unknown;
    try {
      data = filter(target, "output", output);
    } catch (error) {
      return this.fail(state, expressionFault(error, state.stateId));
    }
    if (target.end && transition === target.transition) return this.succeed(state, data);
    return this.enter(transition, data);
  }

  private succeed(state: RunState, output: unknown): StepOutcome {
    this.record({
      type: "end",
      stateId: state.stateId,
      attempt: state.attempt,
      data: { status: "success" },
    });
    const ended: RunState = {
      status: "success",
      stateId: state.stateId,
      data: output,
      attempt: state.attempt,
    };
    return this.outcome(ended, [{ type: "end" }]);
  }

  private fail(state: RunState, error: { code: string; message: string }, data = state.data): StepOutcome {
    return this.stop({ ...state, data }, "fail", error);
  }

  private invoke(target: OperationState, state: RunState, action: number): Command {
    const reference = target.actions[action]?.function_ref.ref_name as string;
    const input = this.input(target, state, action);
    return {
      type: "invoke",
      function: reference,
      input,
      stateId: state.stateId,
      attempt: state.attempt,
      action,
    };
  }

  private input(target: OperationState, state: RunState, action: number): Record<string, unknown> {
    const previous = target.action_mode === "parallel" || action === 0 ? null : state.results?.[action - 1];
    const data = previous ? previous.output : filter(target, "input", state.data);
    return resolveArguments(
      target.actions[action]?.function_ref.arguments ?? {},
      data,
      this.definition.constants,
    );
  }

  private outcome(state: RunState, commands: Command[]): StepOutcome {
    return { state, commands, records: this.records };
  }
}

function pending(target: OperationState, state: RunState, action: number): boolean {
  if (state.waiting || !target.actions[action] || state.results?.[action]) return false;
  if (target.action_mode === "parallel" || action === 0) return true;
  return Boolean(state.results?.[action - 1]);
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

function filter(target: FlowState, which: "input" | "output", data: unknown): unknown {
  const path = target.state_data_filter?.[which];
  if (!path || path === "$") return data;
  const value = select(path, data);
  return value === undefined ? {} : value;
}

function expressionFault(error: unknown, stateId: string): { code: string; message: string } {
  if (!(error instanceof ExpressionError)) throw error;
  return { code: "InvalidExpression", message: `State "${stateId}": ${error.message}` };
}

function errorOf(output: unknown): { code: string; message: string } | undefined {
  const error = (output as { error?: { code?: unknown; message?: unknown } } | null)?.error;
  if (typeof error?.code !== "string" || typeof error.message !== "string") return undefined;
  return { code: error.code, message: error.message };
}
