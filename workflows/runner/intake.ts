import { type ActiveExecution, loadExecution } from "./active-execution.ts";
import type { Announcer } from "./announcer.ts";
import type { Clock } from "./clock.ts";
import type { FlowStore } from "./flow-store.ts";
import type { Journal } from "./journal.ts";
import type { ExecutionRow } from "./journal-rows.ts";
import type { RunnerLogger } from "./runner.ts";
import { isCorruption } from "./salvage.ts";

/** How many executions are read from their rows ahead of a free place. */
const stagedLimit = 256;

interface Parts {
  journal: Journal;
  flows: FlowStore;
  clock: Clock;
  announcer: Announcer;
  logger: RunnerLogger | undefined;
  /** Whether the row is to be run here, and is not yet. */
  wanted: (row: ExecutionRow) => boolean;
  onDamaged: (executionId: string) => void;
}

/** Executions that are only rows so far, read as places come free; a damaged one is noted, and nobody runs it. */
export class Intake {
  private readonly parts: Parts;
  /** Numbers of rows, the next one last. */
  private backlog: number[] = [];
  private staged = 0;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** They are next, in this order. */
  add(numbers: readonly number[]): void {
    for (let i = numbers.length - 1; i >= 0; i--) this.backlog.push(numbers[i] as number);
  }

  /** The next execution that is wanted, staged; undefined when there is none or enough of them wait for a place. */
  next(): ActiveExecution | undefined {
    while (this.backlog.length > 0 && this.staged < stagedLimit) {
      const row = this.row(this.backlog.pop() as number);
      if (!row || !this.parts.wanted(row)) continue;
      const execution = this.read(row);
      if (!execution) continue;
      execution.staged = true;
      this.staged += 1;
      return execution;
    }
    return undefined;
  }

  /** Something of it is called, or it is not run here any more. */
  unstage(execution: ActiveExecution): void {
    if (!execution.staged) return;
    execution.staged = false;
    this.staged -= 1;
  }

  clear(): void {
    this.backlog = [];
  }

  /** The execution of a row, or undefined after noting that its record is damaged. */
  read(row: ExecutionRow): ActiveExecution | undefined {
    const execution = loadExecution(row, this.parts.flows);
    if (typeof execution !== "string") return execution;
    this.damaged(row.id, row.n, execution);
    return undefined;
  }

  private row(n: number): ExecutionRow | undefined {
    const { journal } = this.parts;
    try {
      return journal.byNumber(n);
    } catch (error) {
      if (isCorruption(error)) journal.markSuspect();
      this.damaged(journal.idOf(n), n, (error as Error).message);
      return undefined;
    }
  }

  private damaged(executionId: string, n: number, detail: string): void {
    const { journal, clock, announcer, logger, onDamaged } = this.parts;
    journal.markDamaged(executionId, n, detail);
    logger?.error({ executionId }, `The record of execution ${executionId} is damaged: ${detail}.`);
    announcer.emit({ type: "damaged", at: clock.now(), executionId, detail });
    onDamaged(executionId);
  }
}
