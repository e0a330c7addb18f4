/** The snapshot of an execution: JSON, everything that the next step needs, nothing that it can look up. */
export interface RunState {
  status: "running" | "success" | "fail" | "timeout" | "cancel";
  /** The state it is in, or the one at which it ended. */
  stateId: string;
  /** `$` on entering that state; the output once it has ended with `success`. */
  data: unknown;
  /** Try of the current action (of all of them when they are parallel), from 1. */
  attempt: number;
  /** Retries used in this visit of the state, by index in `on_errors`. */
  retries?: Record<string, number>;
  /** Results of this visit by action index; null = not there yet. */
  results?: (ActionResult | null)[];
  waiting?: "sleep" | "retry";
  /** ms since 1970, while `waiting` */
  wakeAt?: number;
  error?: FlowError;
}

export interface FlowError {
  code: string;
  message: string;
}

export interface ActionResult {
  output: unknown;
  /** The function threw or ran out of time; `output` is then made from its input. */
  thrown?: FlowError;
}

export type StepEvent =
  | { type: "start"; input: unknown }
  | { type: "result"; action: number; output: unknown }
  | { type: "failed"; action: number; code: string; message: string; timedOut?: boolean }
  | { type: "wake" }
  | { type: "cancel"; reason?: string }
  | { type: "deadline" }
  | { type: "redrive"; input?: unknown }
  /** After a restart: nothing changes, the commands of the state are given again. */
  | { type: "resume" };

export type Command =
  | { type: "invoke"; function: string; input: unknown; stateId: string; attempt: number; action: number }
  | { type: "sleep"; until: number }
  | { type: "end" };

export type HistoryType =
  | "start"
  | "result"
  | "failed"
  | "wake"
  | "retries-exhausted"
  | "cancel"
  | "deadline"
  | "redrive"
  | "end";

/** What becomes a line of the execution's history, in order. */
export interface StepRecord {
  type: HistoryType;
  stateId: string;
  attempt: number;
  action?: number;
  data?: unknown;
}

export interface StepOutcome {
  state: RunState;
  commands: Command[];
  records: StepRecord[];
}
