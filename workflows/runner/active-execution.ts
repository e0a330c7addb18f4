import type { FlowDefinition } from "../definition.ts";
import { readState, summarise } from "./execution-view.ts";
import type { RunState, StepEvent, StepOutcome } from "./flow-state.ts";
import type { FlowStore } from "./flow-store.ts";
import type { Journal } from "./journal.ts";
import type { Append, ExecutionRow, NewExecution } from "./journal-rows.ts";
import type { ExecutionSummary } from "./runner.ts";

/** An execution that is in memory because something of it is going on; what sleeps is only a row. */
export interface ActiveExecution {
  n: number;
  id: string;
  key: string;
  definition: FlowDefinition;
  definitionHash: string;
  seq: number;
  state: RunState;
  /** Whether the row has a wake time now; a retry's stays there until its result is written. */
  rowWakes: boolean;
  timeoutAt?: number;
  startedAt: number;
  /** Only when it was started here. */
  input?: unknown;
  /** Loaded from its row and nothing called yet. */
  staged: boolean;
}

/** An execution whose first record has just been written. */
export function newExecution(
  n: number,
  e: NewExecution,
  flow: { definition: FlowDefinition; input: unknown },
): ActiveExecution {
  return {
    n,
    id: e.id,
    key: e.key,
    definition: flow.definition,
    definitionHash: e.definitionHash,
    seq: e.records.length,
    state: e.state,
    rowWakes: e.state.wakeAt !== undefined,
    ...(e.timeoutAt === undefined ? {} : { timeoutAt: e.timeoutAt }),
    startedAt: e.at,
    input: flow.input,
    staged: false,
  };
}

/** The execution of a row, or what is wrong with the row. */
export function loadExecution(row: ExecutionRow, flows: FlowStore): ActiveExecution | string {
  const state = readState(row);
  if (!state) return "its checksum does not fit";
  const definition = flows.load(row.definition);
  if (!definition) return "its definition is missing or damaged";
  return {
    n: row.n,
    id: row.id,
    key: row.key,
    definition,
    definitionHash: row.definition,
    seq: row.seq,
    state,
    rowWakes: row.wake_at !== null,
    ...(row.timeout_at === null ? {} : { timeoutAt: row.timeout_at }),
    startedAt: row.created_at,
    staged: false,
  };
}

/** What an execution that was a row until now has to be told. */
export function loadedEvent(execution: ActiveExecution, now: number): StepEvent {
  const { waiting, wakeAt } = execution.state;
  if (execution.timeoutAt !== undefined && execution.timeoutAt <= now) return { type: "deadline" };
  return { type: waiting && (wakeAt ?? 0) <= now ? "wake" : "resume" };
}

/** What a step adds to the journal; from now on the execution counts as that far. */
export function advance(execution: ActiveExecution, { state, records }: StepOutcome, at: number): Append {
  const { n, id, key, definitionHash, seq: after, rowWakes: hadWake } = execution;
  execution.state = state;
  execution.seq += records.length;
  execution.rowWakes = state.wakeAt !== undefined;
  return { n, id, key, definitionHash, after, state, records, at, hadWake };
}

/** The summary of an execution that ended just now, without reading it back. */
export function summariseEnded(journal: Journal, execution: ActiveExecution, at: number): ExecutionSummary {
  const { state, startedAt } = execution;
  const row = {
    n: execution.n,
    id: execution.id,
    key: execution.key,
    flow: execution.definition.name,
    definition: execution.definitionHash,
    status: state.status,
    owner: null,
    wake_at: null,
    timeout_at: execution.timeoutAt ?? null,
    created_at: startedAt,
    updated_at: at,
    ended_at: at,
  };
  const known = "input" in execution ? { state, input: execution.input } : { state };
  return summarise(journal, row, undefined, known);
}
