import type { FlowDefinition, FlowState, OperationState } from "../definition.ts";
import { resolveArguments } from "../expression.ts";
import { type CompiledFlow, compileFlow } from "./compiled-flow.ts";
import type { Command, FlowError, RunState, StepOutcome, StepRecord } from "./flow-state.ts";
import { expressionFault, filterData } from "./state-data.ts";

/** The way through the states in one step: enter, begin, leave, end. Collects the records that it leaves behind. */
export class StepCourse {
  /** ms since 1970 */
  readonly now: number;
  private readonly definition: FlowDefinition;
  private readonly flow: CompiledFlow;
  private readonly records: StepRecord[] = [];

  constructor(definition: FlowDefinition, now: number) {
    this.definition = definition;
    this.flow = compileFlow(definition);
    this.now = now;
  }

  find(stateId: string): FlowState | undefined {
    return this.flow.states.get(stateId);
  }

  retryPolicy(name: string): { delayMs: number; maxAttempts: number } | undefined {
    return this.flow.retries.get(name);
  }

  record(record: StepRecord): void {
    this.records.push(record);
  }

  enter(stateId: string, data: unknown): StepOutcome {
    const target = this.find(stateId);
    const state: RunState = { status: "running", stateId, data, attempt: 1 };
    if (target) return this.begin(target, state);
    const message = stateId === "" ? "The state has no transition." : `There is no state "${stateId}".`;
    return this.fail(state, { code: "InvalidDefinition", message });
  }

  /** Begins or goes on with a state: the commands for everything in it that has no result yet. */
  begin(target: FlowState, state: RunState): StepOutcome {
    try {
      switch (target.type) {
        case "Sleep": {
          const until = this.now + target.duration * 1_000;
          return this.outcome({ ...state, waiting: "sleep", wakeAt: until }, [{ type: "sleep", until }]);
        }
        case "End": {
          const output = filterData(target, "output", filterData(target, "input", state.data));
          return this.succeed(state, output);
        }
        case "Operation": {
          if (target.actions.length === 1 && !state.results)
            return this.outcome(state, [this.invoke(target, state, 0)]);
          const results = target.actions.map((_, i) => state.results?.[i] ?? null);
          const open = results.flatMap((result, i) => (result ? [] : [i]));
          const due = target.action_mode === "parallel" ? open : open.slice(0, 1);
          const commands = due.map((action) => this.invoke(target, state, action));
          return this.outcome({ ...state, results }, commands);
        }
      }
    } catch (error) {
      return this.fail(state, expressionFault(error, state.stateId));
    }
  }

  /** By `transition`, or to the end when the state is the last one. */
  leave(target: FlowState, state: RunState, output: unknown, transition: string): StepOutcome {
    let data: unknown;
    try {
      data = filterData(target, "output", output);
    } catch (error) {
      return this.fail(state, expressionFault(error, state.stateId));
    }
    if (target.end && transition === target.transition) return this.succeed(state, data);
    return this.enter(transition, data);
  }

  fail(state: RunState, error: FlowError, data = state.data): StepOutcome {
    return this.stop({ ...state, data }, "fail", error);
  }

  stop(state: RunState, status: "fail" | "cancel" | "timeout", error: FlowError): StepOutcome {
    const { waiting: _, wakeAt: __, ...rest } = state;
    const { stateId, attempt } = state;
    this.record({ type: "end", stateId, attempt, data: { status, error } });
    return this.outcome({ ...rest, status, error }, [{ type: "end" }]);
  }

  outcome(state: RunState, commands: Command[]): StepOutcome {
    return { state, commands, records: this.records };
  }

  /** What an action is called with: its arguments, taken from `$` (A1, for later sequential actions A12). */
  input(target: OperationState, state: RunState, action: number): Record<string, unknown> {
    const previous = target.action_mode === "parallel" || action === 0 ? null : state.results?.[action - 1];
    const data = previous ? previous.output : filterData(target, "input", state.data);
    return resolveArguments(
      target.actions[action]?.function_ref.arguments ?? {},
      data,
      this.definition.constants,
    );
  }

  private succeed(state: RunState, output: unknown): StepOutcome {
    const { stateId, attempt } = state;
    this.record({ type: "end", stateId, attempt, data: { status: "success" } });
    return this.outcome({ status: "success", stateId, data: output, attempt }, [{ type: "end" }]);
  }

  private invoke(target: OperationState, state: RunState, action: number): Command {
    const name = target.actions[action]?.function_ref.ref_name as string;
    const input = this.input(target, state, action);
    return { type: "invoke", function: name, input, stateId: state.stateId, attempt: state.attempt, action };
  }
}
