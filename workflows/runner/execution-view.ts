import { eventChecksum, executionChecksum } from "./checksum.ts";
import type { HistoryType, RunState } from "./flow-state.ts";
import type { Journal } from "./journal.ts";
import type { EventRow, ExecutionRow } from "./journal-rows.ts";
import type { ExecutionStatus, ExecutionSummary, HistoryEvent, Owner } from "./runner.ts";

/** The snapshot in a row; undefined when the row's checksum does not fit it. */
export function readState(row: ExecutionRow): RunState | undefined {
  try {
    if (executionChecksum(row) !== row.crc) return undefined;
    const state = JSON.parse(row.state) as RunState;
    // the column is the one that follows a change of the clock
    if (row.wake_at !== null) state.wakeAt = row.wake_at;
    return state;
  } catch {
    return undefined;
  }
}

/** Every record of an execution, the first one after a takeover marked as such. */
export function readHistory(journal: Journal, n: number): HistoryEvent[] {
  const takeovers = new Map(journal.takeovers(n).map(({ seq, at, pid }) => [seq, { at, pid }]));
  return journal.events(n).map((row) => {
    const resumed = takeovers.get(row.seq);
    return resumed ? { ...readEvent(row), resumed } : readEvent(row);
  });
}

/** A row as users see it; `known` spares reading what is in memory. */
export function summarise(
  journal: Journal,
  row: Omit<ExecutionRow, "state" | "crc" | "seq"> & Partial<ExecutionRow>,
  owner: Owner | undefined,
  known?: { state: RunState; input?: unknown },
): ExecutionSummary {
  const state = known?.state ?? (row.status === "damaged" ? undefined : readState(row as ExecutionRow));
  const input = known && "input" in known ? known.input : readInput(journal, row.n);
  const common = {
    id: row.id,
    key: row.key,
    flow: row.flow,
    startedAt: row.created_at,
    updatedAt: row.updated_at,
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
    ...(row.timeout_at === null ? {} : { timeoutAt: row.timeout_at }),
    definitionHash: row.definition,
    input,
  };
  if (!state) {
    const message = `The record of execution ${row.id} in ${journal.file} is damaged.`;
    return {
      ...common,
      status: "damaged",
      stateId: "",
      attempt: 0,
      error: { code: "DamagedRecord", message },
    };
  }
  return {
    ...common,
    status: row.status as ExecutionStatus,
    stateId: state.stateId,
    attempt: state.attempt,
    ...(state.waiting ? { waiting: state.waiting } : {}),
    ...(row.wake_at === null ? {} : { wakeAt: row.wake_at }),
    ...(owner && row.status === "running" ? { owner } : {}),
    output: state.data,
    ...(state.error ? { error: state.error } : {}),
  };
}

/** What the execution was started with. */
export function readInput(journal: Journal, n: number): unknown {
  const row = journal.event(n, 1);
  return row ? readEvent(row).data : undefined;
}

function readEvent(row: EventRow): HistoryEvent {
  const whole = eventChecksum({ ...row, stateId: row.state_id }) === row.crc;
  return {
    seq: row.seq,
    at: row.at,
    type: row.type as HistoryType,
    stateId: row.state_id,
    attempt: row.attempt,
    ...(row.action === null ? {} : { action: row.action }),
    ...(whole && row.data !== null ? { data: JSON.parse(row.data) } : {}),
    ...(whole ? {} : { damaged: true as const }),
  };
}
