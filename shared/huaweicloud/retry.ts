import { backoffMs } from "./backoff.ts";
import { throttlingWindowMs } from "./retry-after.ts";

/**
 * Which row of the retry matrix a call belongs to. When the outcome is unknown, `create` and `write` are not
 * repeated (the caller has to look first); `delete` is, and so is `publish`: told twice is better than not told.
 */
export type CallKind = "read" | "create" | "delete" | "write" | "publish";

/** What is known of a failed attempt. */
export interface Failure {
  status?: number;
  code?: string;
  message: string;
  retryAfterMs?: number;
  /** No answer: `unsent` before a connection stood, `sent` after, `refused` where trying again is useless. */
  network?: "unsent" | "sent" | "refused";
}

export interface RetryContext {
  kind: CallKind;
  /** Tries made so far, and the most there may be. */
  attempt: number;
  attempts: number;
  /** Time since the first try, and the latest time at which a try may begin. */
  elapsedMs: number;
  maxElapsedMs: number;
  /** What can be renewed once after a 401, if anything still can. */
  renewable?: "token" | "clock" | undefined;
  random: () => number;
}

export type RetryDecision = (
  | { again: true; waitMs: number; renew?: "token" | "clock" }
  | { again: false; retryable: boolean; ambiguous: boolean }
) & {
  /** How long all calls of this kind should keep still, in ms: the gateway counts the refused ones too. */
  holdMs?: number;
};

/**
 * The one place that decides whether a failed attempt is followed by another, when, and what a caller may believe
 * if not. By code first, by status only where the code is unknown.
 */
export function decideRetry(failure: Failure, context: RetryContext): RetryDecision {
  const cure = cureOf(failure);
  const changes = context.kind === "create" || context.kind === "write";
  if (cure === "renew") {
    return context.renewable
      ? { again: true, waitMs: 0, renew: context.renewable }
      : { again: false, retryable: false, ambiguous: false };
  }
  const ambiguous = (cure === "unknown-outcome" || cure === "accepted") && changes;
  const retryable =
    cure !== "none" && cure !== "accepted" && !(cure === "conflict" && context.kind !== "delete");
  const stop = { again: false as const, retryable, ambiguous };
  if (!retryable || ambiguous) return stop;
  const waitMs = waitOf(cure, failure, context);
  const hold = cure === "throttled" ? { holdMs: Math.min(waitMs, longestHoldMs(context.kind)) } : {};
  const isLast = context.attempt >= context.attempts || context.elapsedMs + waitMs > context.maxElapsedMs;
  return isLast ? { ...stop, ...hold } : { again: true, waitMs, ...hold };
}

/** A longer wish, such as a day's quota, is put to the test again after this; sooner where people wait for a word. */
function longestHoldMs(kind: CallKind): number {
  return kind === "read" || kind === "publish" ? 30_000 : 120_000;
}

type Cure = "none" | "accepted" | "renew" | "wait" | "unknown-outcome" | "conflict" | "locked" | "throttled";

function cureOf(failure: Failure): Cure {
  if (failure.network === "unsent") return "wait";
  if (failure.network === "sent") return "unknown-outcome";
  if (failure.network === "refused") return "none";
  return byCode(gatewayCode(failure.code), failure) ?? byStatus(failure);
}

function byCode(code: string | undefined, failure: Failure): Cure | undefined {
  switch (code) {
    case "APIGW.0301":
      return /failed to reach the limit/i.test(failure.message) ? "none" : "renew";
    case "APIGW.0307":
    case "ASM.01401001":
      return "renew";
    case "APIGW.0308":
      return "throttled";
    case "ASM.01429001":
      return "locked";
    case "CCE.01429004":
      return "none";
    // the gateway could not pass the request on: nothing was carried out, whatever it was
    case "APIGW.0605":
    case "APIGW.0606":
    case "APIGW.0608":
    case "APIGW.0610":
    case "APIGW.0613":
      return "wait";
    // whatever status they come with, which differs from site to site
    case "APIGW.0101":
    case "APIGW.0103":
    case "APIGW.0104":
    case "APIGW.0105":
    case "APIGW.0106":
    case "APIGW.0302":
    case "APIGW.0303":
    case "APIGW.0304":
    case "APIGW.0305":
    case "APIGW.0306":
    case "APIGW.0310":
    case "APIGW.0401":
    case "APIGW.0402":
    case "APIGW.0501":
    case "APIGW.0502":
    case "APIGW.0802":
      return "none";
    default:
      return undefined;
  }
}

function byStatus({ status = 0, message, code }: Failure): Cure {
  if (status >= 200 && status < 300) return "accepted";
  if (status === 401) return "renew";
  if (status === 409) return "conflict";
  if (status === 429)
    return code !== undefined && /balance|arrears|quota/i.test(message) ? "none" : "throttled";
  if (status === 408) return "unknown-outcome";
  return status >= 500 && status !== 501 && status !== 505 ? "unknown-outcome" : "none";
}

function waitOf(cure: Cure, failure: Failure, context: RetryContext): number {
  const { random } = context;
  // "now", or a moment that has passed, is no reason to give up waiting
  if (failure.retryAfterMs) return failure.retryAfterMs;
  if (cure === "locked" || cure === "conflict") return Math.round(5000 + 25_000 * random());
  if (cure === "throttled") {
    const least = context.kind === "read" ? 10_000 : 60_000;
    const window = Math.max(least, throttlingWindowMs(failure.message) ?? 0);
    return Math.round(window * (1 + 0.1 * random()));
  }
  return backoffMs(context.attempt, random);
}

/** The gateway's code with today's prefix: older gateways write `APIG.` for `APIGW.`. */
export function gatewayCode(code: string | undefined): string | undefined {
  return code?.replace(/^APIG\./, "APIGW.");
}
