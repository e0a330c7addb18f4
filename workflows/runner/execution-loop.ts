import { type ActiveExecution, advance, loadedEvent, summariseEnded } from "./active-execution.ts";
import type { Announcer } from "./announcer.ts";
import type { Clock } from "./clock.ts";
import { type FlightResult, Flights, type InvokeCommand } from "./flights.ts";
import type { StepEvent, StepOutcome } from "./flow-state.ts";
import type { FlowStore } from "./flow-store.ts";
import { Intake } from "./intake.ts";
import type { Journal } from "./journal.ts";
import type { ExecutionRow } from "./journal-rows.ts";
import type { ExecutionSummary, RunnerLogger, RunnerOptions } from "./runner.ts";
import { steadyAppend } from "./steady-append.ts";
import { step } from "./step.ts";
import type { Waiters } from "./waiters.ts";
import { WakeSchedule } from "./wake-schedule.ts";

interface Parts {
  journal: Journal;
  flows: FlowStore;
  clock: Clock;
  waiters: Waiters;
  announcer: Announcer;
  logger: RunnerLogger | undefined;
  options: Pick<RunnerOptions, "invoke" | "concurrency" | "invokeTimeoutMs">;
  summary: (row: ExecutionRow) => ExecutionSummary;
}

/** Takes events, lets `step` decide, writes, and only then does what was decided. */
export class ExecutionLoop {
  state: "open" | "closing" | "closed" = "open";
  /** Id under which this process owns executions, once it does. */
  owner: string | undefined;
  readonly active = new Map<string, ActiveExecution>();
  /** Being written for the first time (or again, by redrive): their rows must not be loaded meanwhile. */
  readonly arriving = new Set<string>();
  /** When an execution was taken over, by its number, until its next record tells so. */
  readonly takenOver = new Map<number, number>();
  readonly intake: Intake;
  readonly schedule: WakeSchedule;
  private readonly parts: Parts;
  private readonly concurrency: number;
  private readonly flights: Flights;
  private readonly queue: { execution: ActiveExecution; command: InvokeCommand }[] = [];
  private pumping = false;

  constructor(parts: Parts) {
    this.parts = parts;
    const { invoke, invokeTimeoutMs, concurrency } = parts.options;
    this.concurrency = concurrency ?? 64;
    this.flights = new Flights(invoke, parts.clock, invokeTimeoutMs ?? 900_000);
    this.intake = new Intake({
      ...parts,
      wanted: (row) => this.wants(row),
      onDamaged: (id) => this.settle(id),
    });
    this.schedule = new WakeSchedule({
      ...parts,
      flights: this.flights,
      owner: () => this.owner,
      onDue: () => this.onDue(),
    });
  }

  /** Takes up executions that are this owner's and only rows so far. */
  takeUp(numbers: readonly number[]): void {
    this.intake.add(numbers);
    this.onDue();
  }

  /** Lets go of what another process has ended or taken over. */
  dropForeign(): void {
    for (const execution of [...this.active.values()]) {
      const row = this.parts.journal.statusOf(execution.n);
      if (row?.status !== "running" || row.owner !== this.owner) this.lose(execution);
    }
  }

  /** Tells who waits for it, if it has ended. */
  settle(id: string): void {
    const { waiters, journal, summary } = this.parts;
    if (!waiters.has(id)) return;
    const row = journal.byId(id);
    if (row && row.status !== "running") waiters.resolve(id, summary(row));
  }

  /** Like `apply`, for when nobody waits for the answer. */
  handle(execution: ActiveExecution, event: StepEvent): void {
    void this.apply(execution, event).catch((error: unknown) => {
      const executionId = execution.id;
      this.parts.logger?.error({ executionId, err: error }, "The execution was left as it is.");
      this.forget(execution);
    });
  }

  /** Steps, writes, and then does what was decided; false when somebody else has changed the execution. */
  async apply(
    execution: ActiveExecution,
    event: StepEvent,
    how: { anyOwner?: boolean; revive?: { owner: string; timeoutAt: number | null } } = {},
  ): Promise<boolean> {
    const at = this.parts.clock.now();
    const before = execution.state;
    const outcome = step(execution.definition, before, event, at);
    if (outcome.state === before && outcome.records.length === 0) {
      this.carryOut(execution, outcome, at);
      return true;
    }
    execution.state = outcome.state;
    if (outcome.records.length > 0) {
      const append = advance(execution, outcome, at);
      const takenAt = this.takenOver.get(execution.n);
      if (takenAt !== undefined) append.resumed = { at: takenAt, pid: process.pid };
      this.takenOver.delete(execution.n);
      if (how.revive) append.revive = how.revive;
      else if (!how.anyOwner) append.owner = this.owner ?? "";
      if (!(await steadyAppend(append, () => this.state === "open", this.parts))) {
        this.lose(execution);
        return false;
      }
      this.parts.announcer.records(execution, outcome, at);
    }
    if (how.revive) this.active.set(execution.id, execution);
    this.carryOut(execution, outcome, at);
    return true;
  }

  /** Does what a step has decided. */
  carryOut(execution: ActiveExecution, outcome: StepOutcome, at: number): void {
    for (const command of outcome.commands) {
      switch (command.type) {
        case "invoke":
          this.queue.push({ execution, command });
          break;
        case "sleep":
          this.forget(execution);
          if (this.owner) this.schedule.awaitRow(command.until);
          break;
        case "end":
          this.end(execution, at);
          break;
      }
    }
    this.pump();
  }

  /** Aborts what is in flight and gives it `graceMs` of real time; what still comes back whole is kept. */
  async close(graceMs: number): Promise<void> {
    this.state = "closing";
    this.schedule.stop();
    this.queue.length = 0;
    this.intake.clear();
    this.flights.signalAll("The runner is closing.");
    const until = performance.now() + graceMs;
    while (this.flights.size > 0 && performance.now() < until) await new Promise((r) => setTimeout(r, 5));
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    this.state = "closed";
  }

  private end(execution: ActiveExecution, at: number): void {
    const { waiters, journal } = this.parts;
    const { id } = execution;
    this.flights.abort(id, execution.state.error?.message ?? "The execution has ended.");
    this.schedule.rest();
    this.intake.unstage(execution);
    this.active.delete(id);
    if (waiters.has(id)) waiters.resolve(id, summariseEnded(journal, execution, at));
  }

  /** Somebody else has changed the execution: what this runner knows of it is out of date. */
  private lose(execution: ActiveExecution): void {
    if (this.active.get(execution.id) !== execution) return;
    this.flights.abort(execution.id, "Another process has ended the execution or taken it over.");
    this.forget(execution);
    this.settle(execution.id);
    this.intake.add([execution.n]);
    this.pump();
  }

  private forget(execution: ActiveExecution): void {
    this.intake.unstage(execution);
    if (this.active.get(execution.id) === execution) this.active.delete(execution.id);
  }

  /** Reads what waits as a row and calls what waits for a place, as far as there is room. */
  private pump(): void {
    if (this.pumping || this.state !== "open") return;
    this.pumping = true;
    try {
      for (;;) {
        for (let e = this.intake.next(); e; e = this.intake.next()) this.goOn(e);
        if (this.flights.size >= this.concurrency) break;
        const next = this.queue.shift();
        if (!next) break;
        this.fly(next.execution, next.command);
      }
    } finally {
      this.pumping = false;
    }
  }

  private wants(row: ExecutionRow): boolean {
    const here = this.active.has(row.id) || this.arriving.has(row.id);
    return row.status === "running" && row.owner === this.owner && !here;
  }

  private goOn(execution: ActiveExecution): void {
    this.active.set(execution.id, execution);
    this.handle(execution, loadedEvent(execution, this.parts.clock.now()));
  }

  private fly(execution: ActiveExecution, command: InvokeCommand): void {
    this.intake.unstage(execution);
    const { id: executionId } = execution;
    if (this.active.get(executionId) !== execution || execution.state.status !== "running") return;
    const { stateId, attempt, action } = command;
    const at = this.parts.clock.now();
    this.parts.announcer.emit({ type: "invoke", at, executionId, stateId, attempt, action });
    this.flights.start(executionId, command, (result) => this.land(execution, result));
    this.schedule.awaitCall();
  }

  private land(execution: ActiveExecution, result: FlightResult): void {
    // while closing, a failure is most likely the abort; what came back whole is kept
    const keep = this.state === "open" || (this.state === "closing" && result.type === "result");
    if (keep) this.handle(execution, result);
    this.pump();
    this.schedule.rest();
  }

  private onDue(): void {
    if (this.state !== "open" || !this.owner) return;
    const now = this.parts.clock.now();
    this.flights.expire(now);
    this.intake.add(this.schedule.dueRows(this.owner, now));
    for (const execution of this.active.values()) {
      const { timeoutAt, state } = execution;
      if (timeoutAt !== undefined && timeoutAt <= now && state.status === "running")
        this.handle(execution, { type: "deadline" });
    }
    this.pump();
    this.schedule.plan(this.owner, now);
  }
}
