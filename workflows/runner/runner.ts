import type { FlowDefinition } from "../definition.ts";
import type { Clock } from "./clock.ts";
import { Engine } from "./engine.ts";
import type { FlowError, HistoryType } from "./flow-state.ts";
import { type Journal, openJournal } from "./journal.ts";
import { isCorruption } from "./salvage.ts";

/** FunctionGraph's own words, and `damaged`: its record in the journal cannot be read. */
export type ExecutionStatus = "running" | "success" | "fail" | "timeout" | "cancel" | "damaged";

/**
 * Calls one function of the flow by its name in `functions[]`; what it returns must be JSON. One that gives up because
 * of `signal` throws `signal.reason`: on `close` nothing is recorded then, and the call is repeated after the restart. A
 * value that it still returns while the runner closes is its result, and is not asked for again.
 */
export type Invoke = (name: string, input: unknown, context: InvokeContext) => Promise<unknown>;

export interface InvokeContext {
  /** Aborted on cancel, deadline and invoke timeout, when no answer is used any more, and on close (see `Invoke`). */
  signal: AbortSignal;
  executionId: string;
  stateId: string;
  /** 1 for the first call of a state; a restart repeats a call with the same number. */
  attempt: number;
  /** Index in the state's `actions[]`. */
  action: number;
}

export interface RunnerOptions {
  /** An open journal (stays open on `close`), or a file that the runner opens and closes. */
  journal: Journal | string;
  invoke: Invoke;
  clock?: Clock;
  /** Functions in flight at once (64). */
  concurrency?: number;
  /** A call that takes longer is aborted and recorded as failed (900,000: FunctionGraph's synchronous limit). */
  invokeTimeoutMs?: number;
  /** `all` (default): also run what has no living owner; `own`: only what this runner starts or is asked for. */
  adopt?: "all" | "own";
  /** How often the journal is looked at for what other processes did (200; 0 = never). Real time. */
  watchMs?: number;
  /** How long `close` lets functions in flight react to their abort signal (1,000). Real time. */
  closeGraceMs?: number;
  logger?: RunnerLogger;
  onEvent?: (event: RunnerEvent) => void;
}

/** What the runner needs of a pino logger. */
export interface RunnerLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What happens, told after it is durable (`invoke` just before the call). */
export interface RunnerEvent {
  type: HistoryType | "invoke" | "adopted" | "damaged" | "clock-jump" | "journal-error";
  at: number;
  executionId?: string;
  stateId?: string;
  attempt?: number;
  action?: number;
  status?: ExecutionStatus;
  wakeAt?: number;
  detail?: string;
}

/** One durable record of an execution, in the order of `seq` (from 1). */
export interface HistoryEvent {
  seq: number;
  /** ms since 1970 */
  at: number;
  type: HistoryType;
  stateId: string;
  attempt: number;
  /** Index in the state's `actions[]`, for results and failures. */
  action?: number;
  /** start, redrive: the input; result: the output; failed, retries-exhausted, cancel, end: `{ code, message }` or the output. */
  data?: unknown;
  /** The first record since process `pid` took the execution over, at `at`: its owner had died or closed. */
  resumed?: { at: number; pid: number };
  /** The record's checksum does not fit: its data cannot be trusted and are left out. */
  damaged?: true;
}

/** The process that runs an execution. */
export interface Owner {
  id: string;
  pid: number;
  host: string;
  /** ms since 1970 */
  startedAt: number;
  alive: boolean;
  /** This very runner. */
  self: boolean;
}

export interface ExecutionSummary {
  id: string;
  key: string;
  flow: string;
  status: ExecutionStatus;
  /** The state it is in, or the one at which it ended. */
  stateId: string;
  /** Try of the current state, from 1. */
  attempt: number;
  /** What a running execution waits for. */
  waiting?: "sleep" | "retry";
  /** All times in ms since 1970. */
  wakeAt?: number;
  timeoutAt?: number;
  startedAt: number;
  updatedAt: number;
  endedAt?: number;
  /** sha256 of the definition it keeps, in hex. */
  definitionHash: string;
  owner?: Owner;
  input: unknown;
  /** `$` of the current state, or what the execution gave out when it ended. */
  output?: unknown;
  error?: FlowError;
}

export interface StartOptions {
  definition: FlowDefinition;
  input: unknown;
  key: string;
  /** Default: the first 32 hex digits of the key's SHA-256. */
  executionId?: string;
  /** Absolute deadline, ms since 1970: the execution ends `timeout`, also when no process ran at that time. */
  timeoutAt?: number;
  /** Paths in which an input under the same key may differ, for example `$.request.requestedAt`. */
  ignoreDifferences?: readonly string[];
}

export interface ExecutionHandle {
  id: string;
  key: string;
  /** false: the key was known with the same input, and this is that execution. */
  created: boolean;
  result(options?: { signal?: AbortSignal }): Promise<ExecutionSummary>;
}

export interface ListFilter {
  status?: ExecutionStatus | readonly ExecutionStatus[];
  flow?: string;
  /** Newest first; default 100. */
  limit?: number;
}

export interface Runner {
  readonly journal: Journal;
  /** Durable when resolved. @throws KeyConflictError for a known key with another input */
  start(options: StartOptions): Promise<ExecutionHandle>;
  get(id: string): ExecutionSummary | undefined;
  list(filter?: ListFilter): ExecutionSummary[];
  history(id: string): HistoryEvent[];
  /** The definition that an execution was started with and keeps. */
  definition(id: string): FlowDefinition | undefined;
  /** Resolves when the execution has ended, whichever process runs it. @throws UnknownExecutionError */
  result(id: string, options?: { signal?: AbortSignal }): Promise<ExecutionSummary>;
  /** Final at once, whichever process runs it; an execution that has ended stays as it is. */
  cancel(id: string, reason?: string): Promise<ExecutionSummary>;
  /** Goes on from the state at which it failed, timed out or was cancelled. @throws ExecutionStateError */
  redrive(id: string, options?: { input?: unknown; timeoutAt?: number }): Promise<ExecutionHandle>;
  /** Takes over what has no living owner; how many. With `adopt: "all"` this happens by itself. */
  resume(): Promise<number>;
  /** Every process that has the journal open for running. */
  owners(): Owner[];
  /** Aborts what is in flight; everything stays resumable. */
  close(): Promise<void>;
}

/** The embedded engine: runs flows of FunctionGraph's v2 format durably in this process. @throws JournalError */
export function createRunner(options: RunnerOptions): Runner {
  const { journal } = options;
  if (typeof journal !== "string") return new Engine(journal, false, options);
  const opened = openJournal(journal);
  try {
    return new Engine(opened, true, options);
  } catch (error) {
    if (isCorruption(error)) opened.markSuspect();
    opened.close();
    if (!isCorruption(error)) throw error;
  }
  // a page that starting needs cannot be read: opened again, what can be read is saved
  return new Engine(openJournal(journal), true, options);
}
