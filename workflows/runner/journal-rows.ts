import type { RunState, StepRecord } from "./flow-state.ts";

export interface ExecutionRow {
  n: number;
  id: string;
  key: string;
  flow: string;
  definition: string;
  seq: number;
  status: string;
  /** RunState as JSON */
  state: string;
  owner: string | null;
  wake_at: number | null;
  timeout_at: number | null;
  created_at: number;
  updated_at: number;
  ended_at: number | null;
  crc: number;
}

export interface EventRow {
  n: number;
  seq: number;
  at: number;
  type: string;
  state_id: string;
  attempt: number;
  action: number | null;
  data: string | null;
  crc: number;
}

export interface TakeoverRow {
  n: number;
  /** The first event that was written after it. */
  seq: number;
  at: number;
  pid: number;
}

export interface NewExecution {
  id: string;
  key: string;
  flow: string;
  definitionHash: string;
  definitionJson: string;
  owner: string;
  timeoutAt?: number;
  state: RunState;
  records: StepRecord[];
  at: number;
}

export interface Append {
  n: number;
  id: string;
  key: string;
  definitionHash: string;
  /** The sequence number that the execution must have now; the new records follow it. */
  after: number;
  state: RunState;
  records: StepRecord[];
  at: number;
  /** Whether the state before this record had a wake time. */
  hadWake: boolean;
  /** Only if this is the owner. */
  owner?: string;
  /** The first record since this process took the execution over: when that was, and the process. */
  resumed?: { at: number; pid: number };
  /** Redrive: from this ended status back to running, under a new owner. */
  revive?: { owner: string; timeoutAt: number | null };
}
