import { record } from "../../shared/request/step-answer.ts";
import type { ExecutionSummary, HistoryEvent } from "../runner/runner.ts";
import { type ExitCode, exitCodeForStatus, exitCodes } from "./exit-codes.ts";

export const outcomeWords = ["running", "succeeded", "failed", "timeout", "cancelled", "damaged"] as const;
export type OutcomeWord = (typeof outcomeWords)[number];

/** A run in the words of the command: what was asked, how it stands, what Huawei Cloud said last. */
export interface Outcome {
  run: string;
  key: string;
  action: string;
  state: OutcomeWord;
  exitCode: ExitCode;
  mesh: { name?: string; uid?: string; phase?: string; version?: string; clusters?: string[] };
  statusCode?: number;
  error?: { code?: string; message?: string; requestId?: string; hint?: string };
  observed?: Record<string, number>;
  warnings: string[];
  deliveries: { destination: string; status: string; at?: string; detail?: string }[];
  startedAt: string;
  endedAt?: string;
  elapsedMs: number;
  deadline?: string;
}

/** Reads a run's outcome from its summary and, for what the last state no longer says, its history. */
export function outcomeOf(summary: ExecutionSummary, history: HistoryEvent[], now: number): Outcome {
  const request = requestOf(summary);
  const steps = history.filter(({ type }) => type === "result").map(({ data }) => record(data));
  steps.push(record(summary.output));
  const last = <T>(key: string): T | undefined =>
    steps.findLast((step) => step[key] !== undefined && step[key] !== null)?.[key] as T | undefined;
  // notify keeps how the flow ended in `result`, and speaks in its own statusCode of the telling
  const verdict = record(record(summary.output).result);
  const statusCode = typeof verdict.statusCode === "number" ? verdict.statusCode : last<number>("statusCode");
  const state = wordFor(summary, statusCode);
  const failed = state !== "running" && state !== "succeeded";
  const error = failed ? (last<Outcome["error"]>("error") ?? summary.error) : undefined;
  const asked = record(request.mesh);
  const observed = last<Record<string, number>>("observed");
  return {
    run: summary.id,
    key: summary.key,
    action: String(request.action ?? summary.flow),
    state,
    exitCode: exitCodeFor(state, statusCode),
    mesh: {
      ...text("name", asked.name ?? record(asked.metadata).name),
      ...text("uid", asked.uid),
      ...text("version", record(asked.spec).version),
      ...last<Outcome["mesh"]>("mesh"),
    },
    ...(statusCode !== undefined && { statusCode }),
    ...(error && { error }),
    ...(observed && { observed }),
    warnings: last<string[]>("warnings") ?? [],
    deliveries: last<Outcome["deliveries"]>("deliveries") ?? [],
    startedAt: new Date(summary.startedAt).toISOString(),
    ...(summary.endedAt !== undefined && { endedAt: new Date(summary.endedAt).toISOString() }),
    elapsedMs: (summary.endedAt ?? now) - summary.startedAt,
    ...text("deadline", request.deadline),
  };
}

/** The request that a run was started with; an empty object when its record is damaged. */
export function requestOf(summary: ExecutionSummary): Record<string, unknown> {
  return record(record(summary.input).request);
}

/** A flow that told everyone of a failure has itself succeeded: what counts is the last answer's status. */
function wordFor(summary: ExecutionSummary, statusCode: number | undefined): OutcomeWord {
  switch (summary.status) {
    case "running":
      return "running";
    case "cancel":
      return "cancelled";
    case "timeout":
      return "timeout";
    case "damaged":
      return "damaged";
    default:
      if (statusCode === 504) return "timeout";
      return summary.status === "fail" || (statusCode ?? 0) >= 300 ? "failed" : "succeeded";
  }
}

function exitCodeFor(state: OutcomeWord, statusCode: number | undefined): ExitCode {
  switch (state) {
    case "running":
    case "succeeded":
      return exitCodes.ok;
    case "timeout":
      return exitCodes.timedOut;
    case "cancelled":
      return exitCodes.cancelled;
    case "damaged":
      return exitCodes.unexpected;
    default:
      return exitCodeForStatus(Math.max(statusCode ?? 500, 400));
  }
}

function text<K extends string>(key: K, value: unknown): { [P in K]?: string } {
  return (typeof value === "string" ? { [key]: value } : {}) as { [P in K]?: string };
}
