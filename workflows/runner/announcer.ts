import type { ActiveExecution } from "./active-execution.ts";
import type { StepOutcome } from "./flow-state.ts";
import type { RunnerEvent, RunnerOptions } from "./runner.ts";

/** Tells `onEvent` what has happened; one that throws harms no execution. */
export class Announcer {
  private readonly options: Pick<RunnerOptions, "onEvent" | "logger">;

  constructor(options: Pick<RunnerOptions, "onEvent" | "logger">) {
    this.options = options;
  }

  /** The records of a step, once they are on disk. */
  records(execution: ActiveExecution, outcome: StepOutcome, at: number): void {
    if (!this.options.onEvent) return;
    for (const { type, stateId, attempt, action } of outcome.records) {
      this.emit({
        type,
        at,
        executionId: execution.id,
        stateId,
        attempt,
        ...(action === undefined ? {} : { action }),
        status: outcome.state.status,
        ...(outcome.state.wakeAt === undefined ? {} : { wakeAt: outcome.state.wakeAt }),
      });
    }
  }

  emit(event: RunnerEvent): void {
    try {
      this.options.onEvent?.(event);
    } catch (error) {
      this.options.logger?.error({ err: error }, "onEvent threw.");
    }
  }
}
