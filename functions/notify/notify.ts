import type { Logger } from "../../shared/logger.ts";
import { type Card, cardFor } from "../../shared/outbound/card.ts";
import type { Channel } from "../../shared/outbound/channel.ts";
import { executionId } from "../../shared/request/execution-id.ts";
import type { MeshRequest } from "../../shared/request/mesh-request.ts";
import { record } from "../../shared/request/step-answer.ts";
import type { Delivery, StepResult } from "../../shared/request/step-result.ts";
import { readEnding, readSource } from "./ending.ts";

export interface NotifySeams {
  channels: readonly Channel[];
  now?: () => number;
  region?: string;
  runId?: string;
  signal?: AbortSignal;
  logger?: Logger;
  /** How long one destination may take in all, in ms. */
  channelTimeoutMs?: number;
}

/**
 * The last step of a flow: tells every destination, once, how the request has ended. The answer keeps what became
 * of the mesh: its `statusCode` is the one that was given (504 for a 202 that nobody waits for any more), or 502
 * when there were destinations and none could be told; `outcome` and `result` always say how the flow itself ended;
 * `deliveries` says who was told. Never throws.
 */
export async function notify(input: unknown, seams: NotifySeams): Promise<StepResult> {
  const { now = Date.now, logger } = seams;
  const fields = record(input);
  const request = record(fields.request);
  const ending = readEnding(fields);
  const runId = runIdOf(fields, seams);
  const card = cardFor(
    { ...readSource(fields), statusCode: ending.statusCode, error: ending.error },
    {
      outcome: ending.outcome,
      runId,
      region: seams.region ?? "",
      now: now(),
      ...(typeof fields.attempt === "number" && { attempt: fields.attempt }),
    },
  );
  const channels = isWanted(request.notify, ending.outcome) ? seams.channels : [];
  const deliveries = await deliverAll(card, `${runId}:${ending.outcome}`, channels, seams);
  for (const delivery of deliveries.filter(({ status }) => status === "failed")) {
    logger?.error({ run: runId, ...delivery }, "a destination could not be told");
  }
  const nobody = deliveries.length > 0 && deliveries.every(({ status }) => status === "failed");
  const error = ending.error ?? (nobody ? notDelivered(deliveries) : undefined);
  return {
    ...echoed(fields, ["mesh", "observed", "warnings"]),
    statusCode: nobody ? 502 : ending.statusCode,
    request: fields.request as MeshRequest,
    ...(error && { error }),
    outcome: ending.outcome,
    result: { statusCode: ending.statusCode, ...(ending.error && { error: ending.error }) },
    deliveries,
  };
}

/** Sends to all at once; each destination succeeds, fails or runs out of time on its own. */
async function deliverAll(
  card: Card,
  messageId: string,
  channels: readonly Channel[],
  { now = Date.now, signal, channelTimeoutMs = 120_000 }: NotifySeams,
): Promise<Delivery[]> {
  const deliver = async (channel: Channel): Promise<Delivery> => {
    const limit = new AbortController();
    const expire = () => limit.abort(new Error(`gave no answer in ${channelTimeoutMs} ms`));
    const timer = setTimeout(expire, channelTimeoutMs);
    const both = signal ? AbortSignal.any([signal, limit.signal]) : limit.signal;
    const told = (status: Delivery["status"], detail?: string): Delivery => ({
      destination: channel.name,
      status,
      messageId,
      at: new Date(now()).toISOString(),
      ...(detail !== undefined && { detail }),
    });
    try {
      const sent = channel.send(card, { messageId, signal: both });
      return told("delivered", (await Promise.race([sent, rejection(both)])).detail);
    } catch (error) {
      return told("failed", messageOf(error));
    } finally {
      clearTimeout(timer);
    }
  };
  return Promise.all(channels.map(deliver));
}

/** Rejects when the signal aborts, for a channel that does not heed it. */
function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function echoed(fields: Record<string, unknown>, keys: readonly string[]): Record<string, unknown> {
  const given = keys.filter((key) => fields[key] !== undefined && fields[key] !== null);
  return Object.fromEntries(given.map((key) => [key, fields[key]]));
}

function runIdOf(fields: Record<string, unknown>, seams: NotifySeams): string {
  if (typeof fields.runId === "string" && fields.runId !== "") return fields.runId;
  const { requestId } = record(fields.request);
  return seams.runId ?? (typeof requestId === "string" ? executionId(requestId) : "unknown");
}

/** `notify.on` of the request limits what its people are told; without it they are told everything. */
function isWanted(wishes: unknown, outcome: Card["outcome"]): boolean {
  const { on } = record(wishes);
  return !Array.isArray(on) || on.includes(outcome === "timed_out" ? "timeout" : outcome);
}

function notDelivered(deliveries: Delivery[]): NonNullable<StepResult["error"]> {
  const each = deliveries.map(({ destination, detail }) => `${destination}: ${detail}`);
  return { code: "NOT_DELIVERED", message: `Nobody could be told. ${each.join("; ")}` };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
