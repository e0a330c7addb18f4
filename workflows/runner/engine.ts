import type { FlowDefinition } from "../definition.ts";
import { type ActiveExecution, loadExecution, summariseEnded } from "./active-execution.ts";
import { type Clock, realClock } from "./clock.ts";
import { ExecutionStateError, UnknownExecutionError } from "./errors.ts";
import { readEvent, summarise } from "./execution-view.ts";
import { type FlightResult, Flights, type InvokeCommand } from "./flights.ts";
import type { StepEvent, StepOutcome } from "./flow-state.ts";
import { FlowStore } from "./flow-store.ts";
import type { ExecutionRow, Journal } from "./journal.ts";
import { listOwners, Ownership, takeOver } from "./ownership.ts";
import { PeerWatch } from "./peer-watch.ts";
import type {
  ExecutionHandle,
  ExecutionSummary,
  HistoryEvent,
  ListFilter,
  Owner,
  Runner,
  RunnerEvent,
  RunnerOptions,
  StartOptions,
} from "./runner.ts";
import { isCorruption } from "./salvage.ts";
import { assertSameStart, idFromKey } from "./start-key.ts";
import { step } from "./step.ts";
import { Waiters } from "./waiters.ts";
import { WakeTimer } from "./wake-timer.ts";

/** How many executions are read from their rows ahead of a free place. */
const stagedLimit = 256;

/** The loop: takes events, lets `step` decide, writes, and only then does what was decided. */
export class Engine implements Runner {
  readonly journal: Journal;
  private readonly ownsJournal: boolean;
  private readonly options: RunnerOptions;
  private readonly clock: Clock;
  private readonly concurrency: number;
  private readonly flows: FlowStore;
  private readonly flights: Flights;
  private readonly timer: WakeTimer;
  private readonly waiters: Waiters;
  private readonly watch: PeerWatch;
  private readonly active = new Map<string, ActiveExecution>();
  /** Being written for the first time (or again, by redrive): their rows must not be loaded meanwhile. */
  private readonly arriving = new Set<string>();
  /** Run by another process when they were started here once more: if that one dies, this runner goes on. */
  private readonly asked = new Set<string>();
  private readonly queue: { execution: ActiveExecution; command: InvokeCommand }[] = [];
  private backlog: number[] = [];
  private staged = 0;
  private pumping = false;
  /** The earliest wake time or deadline of a row, as far as known here. */
  private nextRow = Number.POSITIVE_INFINITY;
  private resting = false;
  private ownership: Ownership | undefined;
  private state: "open" | "closing" | "closed" = "open";

  constructor(journal: Journal, ownsJournal: boolean, options: RunnerOptions) {
    this.journal = journal;
    this.ownsJournal = ownsJournal;
    this.options = options;
    this.clock = options.clock ?? realClock;
    this.concurrency = options.concurrency ?? 64;
    this.flows = new FlowStore(journal);
    this.flights = new Flights(options.invoke, this.clock, options.invokeTimeoutMs ?? 900_000);
    this.timer = new WakeTimer(
      this.clock,
      () => this.onDue(),
      (ms) => this.onJumpBack(ms),
    );
    this.waiters = new Waiters();
    this.watch = new PeerWatch(journal, options.watchMs ?? 200, {
      self: () => this.ownership?.id,
      onChange: () => this.onForeignChange(),
      onOwnersChange: () => this.onOwnersChange(),
    });
    if (options.adopt !== "own") this.adopt();
    this.watch.start();
  }

  async start(options: StartOptions): Promise<ExecutionHandle> {
    const owner = this.own();
    const flow = this.flows.intern(options.definition);
    const id = options.executionId ?? idFromKey(options.key);
    const input = normalise(options.input);
    const at = this.clock.now();
    const outcome = step(flow.definition, undefined, { type: "start", input }, at);
    this.arriving.add(id);
    const inserted = this.journal.insert({
      id,
      key: options.key,
      flow: flow.definition.name,
      definitionHash: flow.hash,
      definitionJson: flow.json,
      owner: owner.id,
      ...(options.timeoutAt === undefined ? {} : { timeoutAt: options.timeoutAt }),
      state: outcome.state,
      records: outcome.records,
      at,
    });
    const n = await inserted.finally(() => this.arriving.delete(id));
    if (n === undefined) return this.existing(id, options, input);
    const execution: ActiveExecution = {
      n,
      id,
      key: options.key,
      definition: flow.definition,
      definitionHash: flow.hash,
      seq: outcome.records.length,
      state: outcome.state,
      rowWakes: outcome.state.wakeAt !== undefined,
      ...(options.timeoutAt === undefined ? {} : { timeoutAt: options.timeoutAt }),
      startedAt: at,
      input,
      staged: false,
    };
    this.active.set(id, execution);
    this.tell(execution, outcome, at);
    if (options.timeoutAt !== undefined && options.timeoutAt <= this.clock.now()) {
      void this.apply(execution, { type: "deadline" }).catch((error) => this.fault(execution, error));
    } else {
      if (options.timeoutAt !== undefined) this.awaitRow(options.timeoutAt);
      this.carryOut(execution, outcome, at);
    }
    return this.handle(id, options.key, true);
  }

  get(id: string): ExecutionSummary | undefined {
    const row = this.journal.byId(id);
    return row ? this.summary(row) : undefined;
  }

  list(filter: ListFilter = {}): ExecutionSummary[] {
    const statuses = typeof filter.status === "string" ? [filter.status] : filter.status;
    const owners = new Map(this.owners().map((owner) => [owner.id, owner]));
    return this.journal
      .list({
        ...(statuses ? { statuses } : {}),
        ...(filter.flow === undefined ? {} : { flow: filter.flow }),
        limit: filter.limit ?? 100,
      })
      .map((row) => summarise(this.journal, row, owners.get(row.owner ?? "")));
  }

  history(id: string): HistoryEvent[] {
    const row = this.journal.byId(id);
    return row ? this.journal.events(row.n).map(readEvent) : [];
  }

  definition(id: string): FlowDefinition | undefined {
    const row = this.journal.byId(id);
    return row ? this.flows.load(row.definition) : undefined;
  }

  async result(id: string, options: { signal?: AbortSignal } = {}): Promise<ExecutionSummary> {
    this.assertOpen();
    const known = this.active.get(id);
    const row = known ? undefined : this.row(id);
    if (row && row.status !== "running") return this.summary(row);
    const waiting = this.waiters.wait(id, known?.n ?? row?.n ?? 0, options.signal);
    this.watch.hold(this.waiters.size > 0);
    try {
      return await waiting;
    } finally {
      this.watch.hold(this.waiters.size > 0);
    }
  }

  async cancel(id: string, reason?: string): Promise<ExecutionSummary> {
    this.assertOpen();
    const event: StepEvent = reason === undefined ? { type: "cancel" } : { type: "cancel", reason };
    for (;;) {
      const row = this.row(id);
      if (row.status !== "running") return this.summary(row);
      const execution = this.active.get(id) ?? this.read(row);
      if (!execution) return this.summary(this.row(id));
      if (execution.state.status !== "running") {
        // its end is being written
        await new Promise(setImmediate);
        continue;
      }
      if (await this.apply(execution, event, { anyOwner: true })) return this.summary(this.row(id));
    }
  }

  async redrive(id: string, options: { input?: unknown; timeoutAt?: number } = {}): Promise<ExecutionHandle> {
    const owner = this.own();
    const row = this.row(id);
    if (!["fail", "timeout", "cancel"].includes(row.status)) {
      throw new ExecutionStateError(
        `Execution ${id} has the status "${row.status}": only one that ended with fail, timeout or cancel can be redriven.`,
      );
    }
    const now = this.clock.now();
    const timeoutAt = options.timeoutAt ?? row.timeout_at ?? undefined;
    if (timeoutAt !== undefined && timeoutAt <= now) {
      throw new ExecutionStateError(
        `The deadline of execution ${id} passed at ${new Date(timeoutAt).toISOString()}: give a new one to redrive it.`,
      );
    }
    const execution = this.read(row);
    if (!execution) throw new ExecutionStateError(`The record of execution ${id} is damaged.`);
    delete execution.timeoutAt;
    if (timeoutAt !== undefined) execution.timeoutAt = timeoutAt;
    const event: StepEvent =
      "input" in options ? { type: "redrive", input: normalise(options.input) } : { type: "redrive" };
    this.arriving.add(id);
    const revive = { owner: owner.id, timeoutAt: timeoutAt ?? null };
    const done = await this.apply(execution, event, { revive }).finally(() => this.arriving.delete(id));
    if (!done)
      throw new ExecutionStateError(`Execution ${id} was changed by somebody else: look at it again.`);
    if (timeoutAt !== undefined) this.awaitRow(timeoutAt);
    return this.handle(id, row.key, false);
  }

  async resume(): Promise<number> {
    this.own();
    return this.adopt();
  }

  owners(): Owner[] {
    return listOwners(this.journal, this.ownership?.id);
  }

  async close(): Promise<void> {
    if (this.state !== "open") return;
    this.state = "closing";
    this.watch.stop();
    this.timer.stop();
    this.queue.length = 0;
    this.backlog = [];
    this.flights.signalAll("The runner is closing.");
    await this.drain(this.options.closeGraceMs ?? 1_000);
    this.state = "closed";
    this.waiters.rejectAll(
      new Error("The runner was closed before the execution ended; it stays resumable."),
    );
    this.ownership?.release();
    this.ownership = undefined;
    if (this.ownsJournal) this.journal.close();
  }

  // -- the way of an event -------------------------------------------------------------------------------------

  /** Steps, writes, and then does what was decided; false when somebody else has changed the execution. */
  private async apply(
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
        ...(how.anyOwner || how.revive ? {} : { owner: this.ownership?.id ?? "" }),
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

  private carryOut(execution: ActiveExecution, outcome: StepOutcome, at: number): void {
    for (const command of outcome.commands) {
      switch (command.type) {
        case "invoke":
          this.queue.push({ execution, command });
          break;
        case "sleep":
          this.forget(execution);
          if (this.ownership) this.awaitRow(command.until);
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

  private settle(id: string): void {
    if (!this.waiters.has(id)) return;
    const row = this.journal.byId(id);
    if (row && row.status !== "running") this.waiters.resolve(id, this.summary(row));
  }

  // -- functions in flight ------------------------------------------------------------------------------------

  private pump(): void {
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
    if (keep) void this.apply(execution, result).catch((error) => this.fault(execution, error));
    this.pump();
    this.rest();
  }

  private fault(execution: ActiveExecution, error: unknown): void {
    this.options.logger?.error({ executionId: execution.id, err: error }, "The execution was left as it is.");
    this.forget(execution);
  }

  // -- rows: what waits, what was left over -------------------------------------------------------------------

  private load(n: number): void {
    const row = this.readRow(n);
    if (row?.status !== "running" || row.owner !== this.ownership?.id) return;
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
    void this.apply(execution, event).catch((error) => this.fault(execution, error));
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
  private read(row: ExecutionRow): ActiveExecution | undefined {
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
    if (this.state !== "open" || !this.ownership) return;
    const now = this.clock.now();
    this.flights.expire(now);
    for (const n of this.journal.due(this.ownership.id, now)) this.backlog.push(n);
    for (const execution of this.active.values()) {
      if (
        execution.timeoutAt !== undefined &&
        execution.timeoutAt <= now &&
        execution.state.status === "running"
      )
        void this.apply(execution, { type: "deadline" }).catch((error) => this.fault(execution, error));
    }
    this.pump();
    this.timer.arm(
      Math.min(this.flights.nextDeadline, this.journal.nextDue(this.ownership.id, now) ?? Infinity),
    );
  }

  private awaitRow(at: number): void {
    this.nextRow = Math.min(this.nextRow, at);
    this.timer.arm(at);
  }

  /** With nothing in flight for a while, no timer waits for a call that takes too long. */
  private rest(): void {
    if (this.resting || this.flights.size > 0) return;
    this.resting = true;
    setImmediate(() =>
      setImmediate(() => {
        this.resting = false;
        if (this.flights.size === 0 && this.state === "open") this.timer.set(this.nextRow);
      }),
    );
  }

  private onJumpBack(ms: number): void {
    if (!this.ownership) return;
    const now = this.clock.now();
    this.journal.transact(() => this.journal.shiftWakes(this.ownership?.id ?? "", ms, now));
    this.flights.shiftDeadlines(ms);
    this.nextRow -= ms;
    this.options.logger?.warn({ ms }, "The clock was set back; sleeps keep their length.");
    this.emit({ type: "clock-jump", at: now, detail: `back by ${ms} ms` });
  }

  // -- other processes ----------------------------------------------------------------------------------------

  private own(): Ownership {
    this.assertOpen();
    this.ownership ??= new Ownership(this.journal, this.clock.now());
    return this.ownership;
  }

  /** Everything without a living owner becomes this runner's and goes on; how many executions. */
  private adopt(): number {
    const owner = this.own();
    const taken = takeOver(this.journal, owner.id);
    const now = this.clock.now();
    if (taken > 0) {
      this.journal.transact(() => this.journal.unwindFuture(owner.id, now));
      this.backlog.push(...this.journal.ready(owner.id).reverse());
      this.emit({ type: "adopted", at: now, detail: `${taken} executions` });
    }
    this.onDue();
    return taken;
  }

  private onOwnersChange(): void {
    if (this.state !== "open") return;
    if (this.options.adopt !== "own") this.adopt();
    else
      for (const { id, n } of this.waiters.all())
        if (this.asked.has(id)) this.adoptOne(this.journal.byNumber(n));
  }

  private onForeignChange(): void {
    for (const execution of [...this.active.values()]) {
      const row = this.journal.statusOf(execution.n);
      if (row?.status !== "running" || row.owner !== this.ownership?.id) this.lose(execution);
    }
    for (const { id, n } of this.waiters.all()) {
      if (this.journal.statusOf(n)?.status !== "running") this.settle(id);
    }
  }

  private existing(id: string, options: StartOptions, input: unknown): ExecutionHandle {
    const row = this.journal.byKey(options.key) ?? this.row(id);
    assertSameStart(this.journal, row, { ...options, input });
    this.asked.add(row.id);
    this.adoptOne(row);
    return this.handle(row.id, row.key, false);
  }

  /** Who asks for an execution that nobody runs gets it run, whatever `adopt` says. */
  private adoptOne(row: ExecutionRow | undefined): void {
    if (row?.status !== "running" || row.owner === this.ownership?.id) return;
    const { id: self } = this.own();
    if (this.owners().some((owner) => owner.id === row.owner && owner.alive)) return;
    const { changes } = this.journal.transact(() =>
      this.journal
        .prepare("UPDATE executions SET owner = ? WHERE n = ? AND owner IS ? AND status = 'running'")
        .run(self, row.n, row.owner),
    );
    if (changes === 0) return;
    this.backlog.push(row.n);
    this.onDue();
  }

  // -- small things -------------------------------------------------------------------------------------------

  private handle(id: string, key: string, created: boolean): ExecutionHandle {
    return { id, key, created, result: (options) => this.result(id, options) };
  }

  private row(id: string): ExecutionRow {
    const row = this.journal.byId(id);
    if (!row) throw new UnknownExecutionError(id, this.journal.file);
    return row;
  }

  private summary(row: ExecutionRow): ExecutionSummary {
    const owner =
      row.status === "running" ? this.owners().find((candidate) => candidate.id === row.owner) : undefined;
    return summarise(this.journal, row, owner);
  }

  private async drain(graceMs: number): Promise<void> {
    const until = performance.now() + graceMs;
    while (this.flights.size > 0 && performance.now() < until) await new Promise((r) => setTimeout(r, 5));
    await new Promise(setImmediate);
    await new Promise(setImmediate);
  }

  private tell(execution: ActiveExecution, outcome: StepOutcome, at: number): void {
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

  private emit(event: RunnerEvent): void {
    this.options.onEvent?.(event);
  }

  private assertOpen(): void {
    if (this.state !== "open") throw new ExecutionStateError("The runner is closed.");
  }
}

/** The value as the journal will give it back. @throws TypeError when it is not JSON */
function normalise(input: unknown): unknown {
  const text = JSON.stringify(input);
  if (text === undefined) throw new TypeError("The input of an execution must be JSON.");
  return JSON.parse(text);
}
