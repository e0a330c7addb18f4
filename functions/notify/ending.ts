import type { CardOutcome, CardSource } from "../../shared/outbound/card.ts";
import { record, strings } from "../../shared/request/step-answer.ts";
import type { StepResult } from "../../shared/request/step-result.ts";

/** How a run has ended, as its last step says. */
export interface Ending {
  outcome: CardOutcome;
  statusCode: number;
  error?: NonNullable<StepResult["error"]>;
}

/**
 * Reads the ending from the input of notify. 200 is success, 504 a time-out, everything else a failure; `outcome`
 * can say `cancelled` or `in_progress`, which no status does. A 202 that comes this far means that the flow has
 * stopped asking, which is a time-out too.
 */
export function readEnding(fields: Record<string, unknown>): Ending {
  const { statusCode } = fields;
  const error = readError(fields.error);
  const given = typeof statusCode === "number" ? statusCode : undefined;
  if (fields.outcome === "cancelled") return ending("cancelled", given ?? 499, error);
  if (fields.outcome === "in_progress") return ending("in_progress", given ?? 202, error);
  if (given === undefined) return ending("failed", 503, error ?? noResult);
  if (given === 202) return ending("timed_out", 504, error ?? stoppedWaiting);
  if (given >= 200 && given < 300) return ending("succeeded", given);
  return ending(given === 504 ? "timed_out" : "failed", given, error);
}

/** The parts of the input that a card is made of; whatever is not of its type is left out. */
export function readSource(fields: Record<string, unknown>): Omit<CardSource, "statusCode" | "error"> {
  const request = record(fields.request);
  return {
    request: {
      ...texts(request, ["action", "requestedAt"]),
      mesh: request.mesh,
      actor: texts(record(request.actor), ["source", "id", "name"]),
    },
    mesh: texts(record(fields.mesh), ["name", "uid", "phase", "version"]),
    observed: Object.fromEntries(
      Object.entries(record(fields.observed)).filter(([, count]) => typeof count === "number"),
    ) as Record<string, number>,
    warnings: strings(fields.warnings),
  };
}

const noResult = {
  code: "NO_RESULT",
  message: "The step before ended without a result: it crashed, or ran into its time limit.",
};

const stoppedWaiting = {
  code: "STOPPED_WAITING",
  message: "The flow has asked as often as it may, and the mesh had still not settled.",
};

function ending(outcome: CardOutcome, statusCode: number, error?: Ending["error"]): Ending {
  return { outcome, statusCode, ...(error && { error }) };
}

function readError(value: unknown): Ending["error"] | undefined {
  const { code, message, ...rest } = texts(record(value), ["code", "message", "requestId", "hint"]);
  if (code === undefined && message === undefined) return undefined;
  return { code: code ?? "UNKNOWN", message: message ?? "", ...rest };
}

function texts<Key extends string>(
  value: Record<string, unknown>,
  keys: readonly Key[],
): { [K in Key]?: string } {
  const pairs = keys.flatMap((key) =>
    typeof value[key] === "string" && value[key] !== "" ? [[key, value[key]]] : [],
  );
  return Object.fromEntries(pairs) as { [K in Key]?: string };
}
