import type { Logger } from "../../shared/logger.ts";
import { type Card, cardFor } from "../../shared/outbound/card.ts";
import type { Channel } from "../../shared/outbound/channel.ts";
import { record } from "../../shared/outbound/step-answer.ts";
import { executionId } from "../../shared/request/execution-id.ts";
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
    ...(fields.mesh !== undefined && { mesh: fields.mesh }),
    ...(fields.observed !== undefined && { observed: fields.observed }),
    ...(fields.warnings !== undefined && { warnings: fields.warnings }),
    statusCode: nobody ? 502 : ending.statusCode,
    request: fields.request,
    ...(error && { error }),
    outcome: ending.outcome,
    result: { statusCode: ending.statusCode, ...(ending.error && { error: ending.error }) },
    deliveries,
  } as StepResult;
}

/** Sends to all at once; each destination succeeds, fails or runs out of time on its own. */
async function deliverAll(
  card: Card,
  messageId: string,
  channels: readonly Channel[],
  { now = Date.now, signal, channelTimeoutMs = 120_000 }: NotifySeams,
): Promise<Delivery[]> {
  const deliver = async (channel: Channel): Promise<string | undefined> => {
    const limit = new AbortController();
    const timer = setTimeout(
      () => limit.abort(new Error(`gave no answer in ${channelTimeoutMs} ms`)),
      channelTimeoutMs,
    );
    const both = signal ? AbortSignal.any([signal, limit.signal]) : limit.signal;
    const stopped = new Promise<never>((_, reject) => {
      if (both.aborted) reject(both.reason);
      both.addEventListener("abort", () => reject(both.reason), { once: true });
    });
    try {
      return (await Promise.race([channel.send(card, { messageId, signal: both }), stopped])).detail;
    } finally {
      clearTimeout(timer);
    }
  };
  const toDelivery = (settled: PromiseSettledResult<string | undefined>, index: number): Delivery => {
    const at = new Date(now()).toISOString();
    const base = { destination: channels[index]!.name, messageId, at };
    if (settled.status === "rejected")
      return { ...base, status: "failed", detail: messageOf(settled.reason) };
    return {
      ...base,
      status: "delivered",
      ...(settled.value !== undefined && { detail: settled.value }),
    };
  };
  return (await Promise.allSettled(channels.map(deliver))).map(toDelivery);
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
