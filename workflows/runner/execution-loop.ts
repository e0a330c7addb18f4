import { type ActiveExecution, loadExecution, summariseEnded } from "./active-execution.ts";
import type { Clock } from "./clock.ts";
import { type FlightResult, Flights, type InvokeCommand } from "./flights.ts";
import type { StepEvent, StepOutcome } from "./flow-state.ts";
import type { FlowStore } from "./flow-store.ts";
import type { Journal } from "./journal.ts";
import type { ExecutionRow } from "./journal-rows.ts";
import type { ExecutionSummary, RunnerEvent, RunnerOptions } from "./runner.ts";
import { isCorruption } from "./salvage.ts";
import { step } from "./step.ts";
import type { Waiters } from "./waiters.ts";
import { due, nextDue, shiftWakes } from "./wake-rows.ts";
import { WakeTimer } from "./wake-timer.ts";

/** How many executions are read from their rows ahead of a free place. */
const stagedLimit = 256;

interface Parts {
  journal: Journal;
  flows: FlowStore;
  clock: Clock;
  waiters: Waiters;
  options: RunnerOptions;
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
  private readonly journal: Journal;
  private readonly flows: FlowStore;
  private readonly clock: Clock;
  private readonly waiters: Waiters;
  private readonly options: RunnerOptions;
  private readonly summary: Parts["summary"];
  private readonly concurrency: number;
  private readonly flights: Flights;
  private readonly timer: WakeTimer;
  private readonly queue: { execution: ActiveExecution; command: InvokeCommand }[] = [];
  private backlog: number[] = [];
  private staged = 0;
  private pumping = false;
  /** The earliest wake time or deadline of a row, as far as known here. */
  private nextRow = Number.POSITIVE_INFINITY;
  private resting = false;

  constructor({ journal, flows, clock, waiters, options, summary }: Parts) {
    this.journal = journal;
    this.flows = flows;
    this.clock = clock;
    this.waiters = waiters;
    this.options = options;
    this.summary = summary;
    this.concurrency = options.concurrency ?? 64;
    this.flights = new Flights(options.invoke, clock, options.invokeTimeoutMs ?? 900_000);
    this.timer = new WakeTimer(
      clock,
      () => this.onDue(),
      (ms) => this.onJumpBack(ms),
    );
  }

  /** Takes up executions that are this owner's and only rows so far. */
  takeUp(numbers: readonly number[]): void {
    for (let i = numbers.length - 1; i >= 0; i--) this.backlog.push(numbers[i] as number);
    this.onDue();
  }

  /** Lets go of what another process has ended or taken over. */
  dropForeign(): void {
    for (const execution of [...this.active.values()]) {
      const row = this.journal.statusOf(execution.n);
      if (row?.status !== "running" || row.owner !== this.owner) this.lose(execution);
    }
  }

  /** Like `apply`, for when nobody waits for the answer. */
  handle(execution: ActiveExecution, event: StepEvent): void {
    void this.apply(execution, event).catch((error: unknown) => {
      this.options.logger?.error(
        { executionId: execution.id, err: error },
        "The execution was left as it is.",
      );
      this.forget(execution);
    });
  }

  /** Aborts what is in flight and gives it `graceMs` of real time; what still comes back whole is kept. */
  async close(graceMs: number): Promise<void> {
    this.state = "closing";
    this.timer.stop();
    this.queue.length = 0;
    this.backlog = [];
    this.flights.signalAll("The runner is closing.");
    const until = performance.now() + graceMs;
    while (this.flights.size > 0 && performance.now() < until) await new Promise((r) => setTimeout(r, 5));
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    this.state = "closed";
  }

  /** Steps, writes, and then does what was decided; false when somebody else has changed the execution. */
  async apply(
    execution: ActiveExecution,
    event: StepEvent,
    how: { anyOwner?: boolean; revive?: { owner: string; timeoutAt: number | null } } = {},
  ): Promise<boolean> {
    const at = this.clock.now();
    const before = execution.state;
    const outcome = step(execution.definition, before, event, at);
    if (outcome.state === before && outcome.records.length === 0) {
      this.carryOut(execution, outcome, at);
      return true;
    }
    execution.state = outcome.state;
    if (outcome.records.length > 0) {
      const after = execution.seq;
      execution.seq += outcome.records.length;
      const { rowWakes } = execution;
      execution.rowWakes = outcome.state.wakeAt !== undefined;
      const written = await this.write({
        n: execution.n,
        id: execution.id,
        key: execution.key,
        definitionHash: execution.definitionHash,
        after,
        state: outcome.state,
        records: outcome.records,
        at,
        hadWake: rowWakes,
        ...(how.anyOwner || how.revive ? {} : { owner: this.owner ?? "" }),
        ...(how.revive ? { revive: how.revive } : {}),
      });
      if (!written) {
        this.lose(execution);
        return false;
      }
      this.tell(execution, outcome, at);
    }
    if (how.revive) this.active.set(execution.id, execution);
    this.carryOut(execution, outcome, at);
    return true;
  }

  /** A result is never dropped because the disk was full for a while: it is written as soon as that works. */
  private async write(append: Parameters<Journal["append"]>[0]): Promise<boolean> {
    for (;;) {
      try {
        return await this.journal.append(append);
      } catch (error) {
        const detail = (error as Error).message;
        this.options.logger?.error(
          { executionId: append.id, err: error },
          `The journal cannot be written: ${detail}`,
        );
        if (isCorruption(error)) this.journal.markSuspect();
        this.emit({ type: "journal-error", at: this.clock.now(), executionId: append.id, detail });
        if (this.state !== "open") throw error;
        await this.clock.sleep(1_000);
      }
    }
  }

  carryOut(execution: ActiveExecution, outcome: StepOutcome, at: number): void {
    for (const command of outcome.commands) {
      switch (command.type) {
        case "invoke":
          this.queue.push({ execution, command });
          break;
        case "sleep":
          this.forget(execution);
          if (this.owner) this.awaitRow(command.until);
          break;
        case "end":
          this.end(execution, at);
          break;
      }
    }
    this.pump();
  }

  private end(execution: ActiveExecution, at: number): void {
    this.flights.abort(execution.id, execution.state.error?.message ?? "The execution has ended.");
    this.rest();
    this.unstage(execution);
    this.active.delete(execution.id);
    if (this.waiters.has(execution.id))
      this.waiters.resolve(execution.id, summariseEnded(this.journal, execution, at));
  }

  /** Somebody else has changed the execution: what this runner knows of it is out of date. */
  private lose(execution: ActiveExecution): void {
    if (this.active.get(execution.id) !== execution) return;
    this.flights.abort(execution.id, "Another process has ended the execution or taken it over.");
    this.forget(execution);
    this.settle(execution.id);
    this.backlog.push(execution.n);
    this.pump();
  }

  private forget(execution: ActiveExecution): void {
    this.unstage(execution);
    if (this.active.get(execution.id) === execution) this.active.delete(execution.id);
  }

  private unstage(execution: ActiveExecution): void {
    if (!execution.staged) return;
    execution.staged = false;
    this.staged -= 1;
  }

  settle(id: string): void {
    if (!this.waiters.has(id)) return;
    const row = this.journal.byId(id);
    if (row && row.status !== "running") this.waiters.resolve(id, this.summary(row));
  }

  pump(): void {
    if (this.pumping || this.state !== "open") return;
    this.pumping = true;
    try {
      for (;;) {
        while (this.backlog.length > 0 && this.staged < stagedLimit) this.load(this.backlog.pop() as number);
        if (this.flights.size >= this.concurrency) break;
        const next = this.queue.shift();
        if (!next) break;
        this.fly(next.execution, next.command);
      }
    } finally {
      this.pumping = false;
    }
  }

  private fly(execution: ActiveExecution, command: InvokeCommand): void {
    this.unstage(execution);
    if (this.active.get(execution.id) !== execution || execution.state.status !== "running") return;
    const { stateId, attempt, action } = command;
    this.emit({ type: "invoke", at: this.clock.now(), executionId: execution.id, stateId, attempt, action });
    this.flights.start(execution.id, command, (result) => this.land(execution, result));
    this.timer.arm(this.flights.nextDeadline);
  }

  private land(execution: ActiveExecution, result: FlightResult): void {
    // while closing, a failure is most likely the abort; what came back whole is kept
    const keep = this.state === "open" || (this.state === "closing" && result.type === "result");
    if (keep) this.handle(execution, result);
    this.pump();
    this.rest();
  }

  private load(n: number): void {
    const row = this.readRow(n);
    if (row?.status !== "running" || row.owner !== this.owner) return;
    if (this.active.has(row.id) || this.arriving.has(row.id)) return;
    const execution = this.read(row);
    if (!execution) return;
    this.active.set(row.id, execution);
    execution.staged = true;
    this.staged += 1;
    const now = this.clock.now();
    const { waiting, wakeAt } = execution.state;
    const event: StepEvent =
      execution.timeoutAt !== undefined && execution.timeoutAt <= now
        ? { type: "deadline" }
        : { type: waiting && (wakeAt ?? 0) <= now ? "wake" : "resume" };
    this.handle(execution, event);
  }

  private readRow(n: number): ExecutionRow | undefined {
    try {
      return this.journal.byNumber(n);
    } catch (error) {
      if (isCorruption(error)) this.journal.markSuspect();
      this.damaged(this.journal.idOf(n), n, (error as Error).message);
      return undefined;
    }
  }

  /** The execution of a row, or undefined after noting that its record is damaged. */
  read(row: ExecutionRow): ActiveExecution | undefined {
    const execution = loadExecution(row, this.flows);
    if (typeof execution !== "string") return execution;
    this.damaged(row.id, row.n, execution);
    return undefined;
  }

  private damaged(executionId: string, n: number, detail: string): void {
    this.journal.markDamaged(executionId, n, detail);
    this.options.logger?.error(
      { executionId },
      `The record of execution ${executionId} is damaged: ${detail}.`,
    );
    this.emit({ type: "damaged", at: this.clock.now(), executionId, detail });
    this.settle(executionId);
  }

  private onDue(): void {
    if (this.state !== "open" || !this.owner) return;
    const now = this.clock.now();
    this.flights.expire(now);
    for (const n of due(this.journal, this.owner, now)) this.backlog.push(n);
    for (const execution of this.active.values()) {
      if (
        execution.timeoutAt !== undefined &&
        execution.timeoutAt <= now &&
        execution.state.status === "running"
      )
        this.handle(execution, { type: "deadline" });
    }
    this.pump();
    this.nextRow = nextDue(this.journal, this.owner, now) ?? Number.POSITIVE_INFINITY;
    this.timer.arm(Math.min(this.flights.nextDeadline, this.nextRow));
  }

  awaitRow(at: number): void {
    this.nextRow = Math.min(this.nextRow, at);
    this.timer.arm(at);
  }

  /** With nothing in flight for a while, no timer waits for a call that takes too long. */
  private rest(): void {
    if (this.resting || this.flights.size > 0) return;
    this.resting = true;
    const { started } = this.flights;
    setImmediate(() =>
      setImmediate(() => {
        this.resting = false;
        if (this.flights.size > 0 || this.state !== "open") return;
        if (this.flights.started === started) this.timer.set(this.nextRow);
        else this.rest();
      }),
    );
  }

  private onJumpBack(ms: number): void {
    if (!this.owner) return;
    const now = this.clock.now();
    this.journal.transact(() => shiftWakes(this.journal, this.owner ?? "", ms, now));
    this.flights.shiftDeadlines(ms);
    this.nextRow -= ms;
    this.options.logger?.warn({ ms }, "The clock was set back; sleeps keep their length.");
    this.emit({ type: "clock-jump", at: now, detail: `back by ${ms} ms` });
  }

  tell(execution: ActiveExecution, outcome: StepOutcome, at: number): void {
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
