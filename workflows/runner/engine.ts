import type { FlowDefinition } from "../definition.ts";
import { newExecution } from "./active-execution.ts";
import { Adoption } from "./adoption.ts";
import { Announcer } from "./announcer.ts";
import { type Clock, realClock } from "./clock.ts";
import { ExecutionStateError } from "./errors.ts";
import { ExecutionLoop } from "./execution-loop.ts";
import { ExecutionQueries } from "./execution-queries.ts";
import type { StepEvent } from "./flow-state.ts";
import { FlowStore } from "./flow-store.ts";
import type { Journal } from "./journal.ts";
import type { NewExecution } from "./journal-rows.ts";
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
import { assertSameStart, idFromKey } from "./start-key.ts";
import { step } from "./step.ts";
import { Waiters } from "./waiters.ts";

/** What a runner offers, over the loop that runs the executions and the watch on other processes. */
export class Engine implements Runner {
  readonly journal: Journal;
  private readonly ownsJournal: boolean;
  private readonly options: RunnerOptions;
  private readonly clock: Clock;
  private readonly flows: FlowStore;
  private readonly waiters = new Waiters();
  private readonly announcer: Announcer;
  private readonly queries: ExecutionQueries;
  private readonly loop: ExecutionLoop;
  private readonly adoption: Adoption;
  private readonly watch: PeerWatch;
  private closing: Promise<void> | undefined;

  constructor(journal: Journal, ownsJournal: boolean, options: RunnerOptions) {
    this.journal = journal;
    this.ownsJournal = ownsJournal;
    this.options = options;
    this.clock = options.clock ?? realClock;
    this.flows = new FlowStore(journal);
    this.announcer = new Announcer(options);
    this.queries = new ExecutionQueries({ journal, flows: this.flows, owners: () => this.owners() });
    const { clock, flows, waiters, announcer } = this;
    this.loop = new ExecutionLoop({
      ...{ journal, clock, flows, waiters, announcer, options, logger: options.logger },
      summary: (row) => this.queries.summary(row),
    });
    const everything = options.adopt !== "own";
    this.adoption = new Adoption({ journal, clock, waiters, announcer, loop: this.loop, everything });
    this.watch = new PeerWatch(journal, options.watchMs ?? 200, {
      self: () => this.adoption.self,
      onChange: () => this.onForeignChange(),
      onOwnersChange: () => this.adoption.onOwnersChange(),
    });
    try {
      if (everything) this.adoption.adopt();
      this.watch.start();
    } catch (error) {
      void this.loop.close(0);
      this.adoption.release();
      throw error;
    }
  }

  async start(options: StartOptions): Promise<ExecutionHandle> {
    this.assertOpen();
    const owner = this.adoption.own();
    const { key, timeoutAt } = options;
    const id = options.executionId ?? idFromKey(key);
    const input = normalise(options.input);
    if (this.loop.active.has(id)) return this.existing(id, options, input);
    const { definition, hash, json } = this.flows.intern(options.definition);
    const at = this.clock.now();
    const outcome = step(definition, undefined, { type: "start", input }, at);
    const first: NewExecution = {
      id,
      key,
      flow: definition.name,
      definitionHash: hash,
      definitionJson: json,
      owner,
      ...(timeoutAt === undefined ? {} : { timeoutAt }),
      state: outcome.state,
      records: outcome.records,
      at,
    };
    this.loop.arriving.add(id);
    const n = await this.journal.insert(first).finally(() => this.loop.arriving.delete(id));
    if (n === undefined) return this.existing(id, options, input);
    const execution = newExecution(n, first, { definition, input });
    this.loop.active.set(id, execution);
    this.announcer.records(execution, outcome, at);
    if (timeoutAt !== undefined && timeoutAt <= this.clock.now()) {
      this.loop.handle(execution, { type: "deadline" });
    } else {
      if (timeoutAt !== undefined) this.loop.schedule.awaitRow(timeoutAt);
      this.loop.carryOut(execution, outcome, at);
    }
    return this.handle(id, key, true);
  }

  get(id: string): ExecutionSummary | undefined {
    return this.queries.get(id);
  }

  list(filter: ListFilter = {}): ExecutionSummary[] {
    return this.queries.list(filter);
  }

  history(id: string): HistoryEvent[] {
    return this.queries.history(id);
  }

  definition(id: string): FlowDefinition | undefined {
    return this.queries.definition(id);
  }

  async result(id: string, options: { signal?: AbortSignal } = {}): Promise<ExecutionSummary> {
    this.assertOpen();
    const known = this.loop.active.get(id);
    const row = known ? undefined : this.queries.row(id);
    if (row && row.status !== "running") return this.queries.summary(row);
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
      const row = this.queries.row(id);
      if (row.status !== "running") return this.queries.summary(row);
      const execution = this.loop.active.get(id) ?? this.loop.intake.read(row);
      if (!execution) return this.queries.summary(this.queries.row(id));
      if (execution.state.status !== "running") {
        // its end is being written
        await new Promise(setImmediate);
        continue;
      }
      if (await this.loop.apply(execution, event, { anyOwner: true }))
        return this.queries.summary(this.queries.row(id));
    }
  }

  async redrive(id: string, options: { input?: unknown; timeoutAt?: number } = {}): Promise<ExecutionHandle> {
    this.assertOpen();
    const owner = this.adoption.own();
    const row = this.queries.row(id);
    if (!["fail", "timeout", "cancel"].includes(row.status)) {
      throw new ExecutionStateError(
        `Execution ${id} has the status "${row.status}": only one that ended with fail, timeout or cancel can be redriven.`,
      );
    }
    const timeoutAt = options.timeoutAt ?? row.timeout_at ?? undefined;
    if (timeoutAt !== undefined && timeoutAt <= this.clock.now()) {
      throw new ExecutionStateError(
        `The deadline of execution ${id} passed at ${new Date(timeoutAt).toISOString()}: give a new one to redrive it.`,
      );
    }
    const execution = this.loop.intake.read(row);
    if (!execution) throw new ExecutionStateError(`The record of execution ${id} is damaged.`);
    delete execution.timeoutAt;
    if (timeoutAt !== undefined) execution.timeoutAt = timeoutAt;
    const event: StepEvent =
      "input" in options ? { type: "redrive", input: normalise(options.input) } : { type: "redrive" };
    this.loop.arriving.add(id);
    const revive = { owner, timeoutAt: timeoutAt ?? null };
    const done = await this.loop
      .apply(execution, event, { revive })
      .finally(() => this.loop.arriving.delete(id));
    if (!done)
      throw new ExecutionStateError(`Execution ${id} was changed by somebody else: look at it again.`);
    if (timeoutAt !== undefined) this.loop.schedule.awaitRow(timeoutAt);
    return this.handle(id, row.key, false);
  }

  async resume(): Promise<number> {
    this.assertOpen();
    return this.adoption.adopt();
  }

  owners(): Owner[] {
    return this.adoption.owners();
  }

  close(): Promise<void> {
    this.closing ??= this.shut();
    return this.closing;
  }

  private existing(id: string, options: StartOptions, input: unknown): ExecutionHandle {
    this.assertOpen();
    const row = this.journal.byKey(options.key) ?? this.queries.row(id);
    assertSameStart(this.journal, row, { ...options, input });
    this.adoption.ask(row);
    return this.handle(row.id, row.key, false);
  }

  private handle(id: string, key: string, created: boolean): ExecutionHandle {
    return { id, key, created, result: (options) => this.result(id, options) };
  }

  private onForeignChange(): void {
    this.loop.dropForeign();
    for (const { id, n } of this.waiters.all()) {
      if (this.journal.statusOf(n)?.status !== "running") this.loop.settle(id);
    }
  }

  private async shut(): Promise<void> {
    this.watch.stop();
    await this.loop.close(this.options.closeGraceMs ?? 1_000);
    this.waiters.rejectAll(
      new Error("The runner was closed before the execution ended; it stays resumable."),
    );
    this.adoption.release();
    if (this.ownsJournal) this.journal.close();
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
