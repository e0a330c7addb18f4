import type { FlowDefinition } from "../definition.ts";
import type { ActiveExecution } from "./active-execution.ts";
import { type Clock, realClock } from "./clock.ts";
import { ExecutionStateError, JournalError, UnknownExecutionError } from "./errors.ts";
import { ExecutionLoop } from "./execution-loop.ts";
import { readEvent, summarise } from "./execution-view.ts";
import type { StepEvent } from "./flow-state.ts";
import { FlowStore } from "./flow-store.ts";
import type { Journal } from "./journal.ts";
import type { ExecutionRow } from "./journal-rows.ts";
import { listOwners, Ownership, takeOver } from "./ownership.ts";
import { PeerWatch } from "./peer-watch.ts";
import type {
  ExecutionHandle,
  ExecutionSummary,
  HistoryEvent,
  ListFilter,
  Owner,
  Runner,
  RunnerOptions,
  StartOptions,
} from "./runner.ts";
import { isCorruption } from "./salvage.ts";
import { assertSameStart, idFromKey } from "./start-key.ts";
import { step } from "./step.ts";
import { Waiters } from "./waiters.ts";
import { ready, unwindFuture } from "./wake-rows.ts";

/** What a runner offers, over the loop that runs the executions and the watch on other processes. */
export class Engine implements Runner {
  readonly journal: Journal;
  private readonly ownsJournal: boolean;
  private readonly options: RunnerOptions;
  private readonly clock: Clock;
  private readonly flows: FlowStore;
  private readonly waiters = new Waiters();
  private readonly loop: ExecutionLoop;
  private readonly watch: PeerWatch;
  /** Run by another process when they were started here once more: if that one dies, this runner goes on. */
  private readonly asked = new Set<string>();
  private ownership: Ownership | undefined;
  private closing: Promise<void> | undefined;

  constructor(journal: Journal, ownsJournal: boolean, options: RunnerOptions) {
    this.journal = journal;
    this.ownsJournal = ownsJournal;
    this.options = options;
    this.clock = options.clock ?? realClock;
    this.flows = new FlowStore(journal);
    this.loop = new ExecutionLoop({
      journal,
      flows: this.flows,
      clock: this.clock,
      waiters: this.waiters,
      options,
      summary: (row) => this.summary(row),
    });
    this.watch = new PeerWatch(journal, options.watchMs ?? 200, {
      self: () => this.ownership?.id,
      onChange: () => this.onForeignChange(),
      onOwnersChange: () => this.onOwnersChange(),
    });
    try {
      if (options.adopt !== "own") this.adopt();
      this.watch.start();
    } catch (error) {
      void this.loop.close(0);
      this.ownership?.release();
      throw error;
    }
  }

  async start(options: StartOptions): Promise<ExecutionHandle> {
    const owner = this.own();
    const flow = this.flows.intern(options.definition);
    const id = options.executionId ?? idFromKey(options.key);
    const input = normalise(options.input);
    const at = this.clock.now();
    const outcome = step(flow.definition, undefined, { type: "start", input }, at);
    this.loop.arriving.add(id);
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
    const n = await inserted.finally(() => this.loop.arriving.delete(id));
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
    this.loop.active.set(id, execution);
    this.loop.tell(execution, outcome, at);
    if (options.timeoutAt !== undefined && options.timeoutAt <= this.clock.now()) {
      this.loop.handle(execution, { type: "deadline" });
    } else {
      if (options.timeoutAt !== undefined) this.loop.awaitRow(options.timeoutAt);
      this.loop.carryOut(execution, outcome, at);
    }
    return this.handle(id, options.key, true);
  }

  get(id: string): ExecutionSummary | undefined {
    return this.reading(() => {
      const row = this.journal.byId(id);
      return row ? this.summary(row) : undefined;
    });
  }

  list(filter: ListFilter = {}): ExecutionSummary[] {
    const statuses = typeof filter.status === "string" ? [filter.status] : filter.status;
    const owners = new Map(this.owners().map((owner) => [owner.id, owner]));
    const rows = () =>
      this.journal.list({
        ...(statuses ? { statuses } : {}),
        ...(filter.flow === undefined ? {} : { flow: filter.flow }),
        limit: filter.limit ?? 100,
      });
    return this.reading(() => rows().map((row) => summarise(this.journal, row, owners.get(row.owner ?? ""))));
  }

  history(id: string): HistoryEvent[] {
    return this.reading(() => {
      const row = this.journal.byId(id);
      return row ? this.journal.events(row.n).map(readEvent) : [];
    });
  }

  definition(id: string): FlowDefinition | undefined {
    const row = this.journal.byId(id);
    return row ? this.flows.load(row.definition) : undefined;
  }

  async result(id: string, options: { signal?: AbortSignal } = {}): Promise<ExecutionSummary> {
    this.assertOpen();
    const known = this.loop.active.get(id);
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
      const execution = this.loop.active.get(id) ?? this.loop.read(row);
      if (!execution) return this.summary(this.row(id));
      if (execution.state.status !== "running") {
        // its end is being written
        await new Promise(setImmediate);
        continue;
      }
      if (await this.loop.apply(execution, event, { anyOwner: true })) return this.summary(this.row(id));
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
    const execution = this.loop.read(row);
    if (!execution) throw new ExecutionStateError(`The record of execution ${id} is damaged.`);
    delete execution.timeoutAt;
    if (timeoutAt !== undefined) execution.timeoutAt = timeoutAt;
    const event: StepEvent =
      "input" in options ? { type: "redrive", input: normalise(options.input) } : { type: "redrive" };
    this.loop.arriving.add(id);
    const revive = { owner: owner.id, timeoutAt: timeoutAt ?? null };
    const done = await this.loop
      .apply(execution, event, { revive })
      .finally(() => this.loop.arriving.delete(id));
    if (!done)
      throw new ExecutionStateError(`Execution ${id} was changed by somebody else: look at it again.`);
    if (timeoutAt !== undefined) this.loop.awaitRow(timeoutAt);
    return this.handle(id, row.key, false);
  }

  async resume(): Promise<number> {
    this.own();
    return this.adopt();
  }

  owners(): Owner[] {
    return listOwners(this.journal, this.ownership?.id);
  }

  close(): Promise<void> {
    this.closing ??= this.shut();
    return this.closing;
  }

  private async shut(): Promise<void> {
    this.watch.stop();
    await this.loop.close(this.options.closeGraceMs ?? 1_000);
    this.waiters.rejectAll(
      new Error("The runner was closed before the execution ended; it stays resumable."),
    );
    this.ownership?.release();
    this.ownership = undefined;
    if (this.ownsJournal) this.journal.close();
  }

  private own(): Ownership {
    this.assertOpen();
    this.ownership ??= new Ownership(this.journal, this.clock.now());
    this.loop.owner = this.ownership.id;
    return this.ownership;
  }

  /** Everything without a living owner becomes this runner's and goes on; how many executions. */
  private adopt(): number {
    const owner = this.own();
    const taken = takeOver(this.journal, owner.id);
    const now = this.clock.now();
    if (taken > 0) {
      this.journal.transact(() => unwindFuture(this.journal, owner.id, now));
      this.loop.emit({ type: "adopted", at: now, detail: `${taken} executions` });
    }
    this.loop.takeUp(taken > 0 ? ready(this.journal, owner.id) : []);
    return taken;
  }

  private onOwnersChange(): void {
    if (this.loop.state !== "open") return;
    if (this.options.adopt !== "own") this.adopt();
    else
      for (const { id, n } of this.waiters.all())
        if (this.asked.has(id)) this.adoptOne(this.journal.byNumber(n));
  }

  private onForeignChange(): void {
    this.loop.dropForeign();
    for (const { id, n } of this.waiters.all()) {
      if (this.journal.statusOf(n)?.status !== "running") this.loop.settle(id);
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
    this.loop.takeUp([row.n]);
  }

  /** A page that cannot be read is looked at, with all others, when the journal is opened next. */
  private reading<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (!isCorruption(error)) throw error;
      this.journal.markSuspect();
      throw new JournalError(
        `A part of the journal ${this.journal.file} is damaged. Start again: what can be read is saved then.`,
        { cause: error },
      );
    }
  }

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

  private assertOpen(): void {
    if (this.loop.state !== "open") throw new ExecutionStateError("The runner is closed.");
  }
}

/** The value as the journal will give it back. @throws TypeError when it is not JSON */
function normalise(input: unknown): unknown {
  const text = JSON.stringify(input);
  if (text === undefined) throw new TypeError("The input of an execution must be JSON.");
  return JSON.parse(text);
}
