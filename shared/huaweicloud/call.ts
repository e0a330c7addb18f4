import pRetry from "p-retry";
import type { Logger } from "../logger.ts";
import type { ApiRequest, ApiResult, AttemptEvent } from "./api-client.ts";
import { AccessKeyLocked, type Authenticated, type Authenticator } from "./authenticator.ts";
import {
  apiError,
  FailedAttempt,
  failureOf,
  lockedError,
  shown,
  turnTooLateError,
} from "./failed-attempt.ts";
import { type Outgoing, prepare } from "./outgoing.ts";
import { type RateBudget, TurnTooLate } from "./rate-budget.ts";
import { readAnswer } from "./read-answer.ts";
import { decideRetry } from "./retry.ts";
import { serverTimeMs } from "./retry-after.ts";
import { exchange, NetworkFault } from "./transport.ts";

/** What all calls of one client share. */
export interface Caller {
  authenticator: Authenticator;
  budget: (service: string, access: "reads" | "writes") => RateBudget;
  attempts: number;
  maxElapsedMs: number;
  attemptTimeoutMs: number;
  maxResponseBytes: number;
  region: string | undefined;
  fetch: typeof globalThis.fetch;
  now: () => number;
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  random: () => number;
  logger: Logger | undefined;
  onAttempt: ((event: AttemptEvent) => void) | undefined;
}

/** One call, with as many attempts as {@link decideRetry} grants it. */
export async function call<T>(caller: Caller, request: ApiRequest<T>): Promise<ApiResult<T>> {
  const outgoing = prepare(request);
  const progress: Progress = {
    attempt: 0,
    attemptAt: 0,
    startedAt: 0,
    staleToken: undefined,
    clockCorrected: false,
  };
  return pRetry(() => tryOnce(caller, request, outgoing, progress), {
    // the number and the waits are ours: see beforeRetry
    retries: Number.POSITIVE_INFINITY,
    minTimeout: 0,
    onFailedAttempt: ({ error }) => beforeRetry(caller, request, outgoing, progress, error),
  });
}

interface Progress {
  attempt: number;
  attemptAt: number;
  startedAt: number;
  /** The token that was refused; set once. */
  staleToken: string | undefined;
  clockCorrected: boolean;
  /** Why there is a next attempt. */
  failed?: FailedAttempt;
}

async function tryOnce<T>(
  caller: Caller,
  request: ApiRequest<T>,
  outgoing: Outgoing,
  progress: Progress,
): Promise<ApiResult<T>> {
  const { signal } = request;
  const authenticated = await admit(caller, request, outgoing, progress);
  const answer = await exchange(caller.fetch, {
    ...outgoing,
    headers: { ...unsignedHeaders, ...authenticated.headers },
    timeoutMs: caller.attemptTimeoutMs,
    maxBytes: caller.maxResponseBytes,
    signal,
  }).catch((error: unknown) => {
    if (!(error instanceof NetworkFault)) throw error;
    throw new FailedAttempt({ message: error.message, network: error.network }, authenticated, error);
  });
  if (!request.success.includes(answer.status)) {
    throw new FailedAttempt(failureOf(answer, request.success, caller.now()), authenticated);
  }
  report(caller, request, outgoing, progress, { status: answer.status });
  const requestId = answer.headers.get("x-request-id");
  return {
    data: readAnswer(request, answer, outgoing),
    status: answer.status,
    attempts: progress.attempt,
    headers: answer.headers,
    ...(requestId === null ? {} : { requestId }),
  };
}

/** Change in transit, so they stay out of the signature. */
const unsignedHeaders = { accept: "application/json", "user-agent": "meshflow" };

/** Credentials, then the rate budget, then the signature: its date must not age in a queue. */
async function admit<T>(
  caller: Caller,
  request: ApiRequest<T>,
  outgoing: Outgoing,
  progress: Progress,
): Promise<Authenticated> {
  const { authenticator, now } = caller;
  const { signal } = request;
  try {
    signal?.throwIfAborted();
    const credentials = await authenticator.credentials(progress.staleToken, signal);
    // a look that comes late still says more than none; a change that comes late does harm
    const isFirstLook = request.kind === "read" && progress.attempt === 0;
    await budgetOf(caller, request).take(signal, isFirstLook ? undefined : request.notAfter);
    progress.attempt += 1;
    progress.attemptAt = now();
    if (progress.attempt === 1) progress.startedAt = progress.attemptAt;
    return authenticator.authenticate(outgoing, credentials, { sendProject: request.service !== "iam" });
  } catch (error) {
    if (error instanceof AccessKeyLocked) throw lockedError(error, request, outgoing, now());
    if (!(error instanceof TurnTooLate)) throw error;
    if (progress.failed === undefined) throw turnTooLateError(error, request, outgoing, now());
    throw apiError(progress.failed, request, outgoing, { retryable: true, ambiguous: false }, caller.region);
  }
}

/** Telling people is not counted with the writes, which are few: many requests can end in the same minute. */
function budgetOf<T>(caller: Caller, { service, kind }: ApiRequest<T>): RateBudget {
  return caller.budget(service, kind === "read" || kind === "publish" ? "reads" : "writes");
}

/** Waits if another attempt follows; throws what the caller gets if none does. */
async function beforeRetry<T>(
  caller: Caller,
  request: ApiRequest<T>,
  outgoing: Outgoing,
  progress: Progress,
  error: Error,
): Promise<void> {
  request.signal?.throwIfAborted();
  if (!(error instanceof FailedAttempt)) throw error;
  const { failure, authenticated } = error;
  const serverTime = serverTimeMs(failure.message);
  lockIfTold(caller, error);
  const decision = decideRetry(failure, {
    kind: request.kind,
    attempt: progress.attempt,
    attempts: caller.attempts,
    elapsedMs: caller.now() - progress.startedAt,
    maxElapsedMs: Math.min(caller.maxElapsedMs, (request.notAfter ?? Infinity) - progress.startedAt),
    renewable: renewable(authenticated, progress, serverTime),
    random: caller.random,
  });
  const outcome = {
    ...(failure.status === undefined ? {} : { status: failure.status }),
    ...(failure.code === undefined ? {} : { code: failure.code }),
    error: shown(failure.message, authenticated, request),
  };
  if (decision.holdMs !== undefined) budgetOf(caller, request).hold(decision.holdMs);
  if (!decision.again) {
    report(caller, request, outgoing, progress, outcome);
    throw apiError(error, request, outgoing, decision, caller.region);
  }
  report(caller, request, outgoing, progress, { ...outcome, retryInMs: decision.waitMs });
  if (decision.renew === "token" && authenticated.credentials?.kind === "token") {
    progress.staleToken = authenticated.credentials.token;
  }
  if (decision.renew === "clock" && serverTime !== undefined) {
    progress.clockCorrected = true;
    caller.authenticator.correctClock(serverTime, authenticated);
  }
  progress.failed = error;
  if (decision.waitMs > 0) await caller.sleep(decision.waitMs, request.signal);
}

/** What may be mended once after a 401: the token, or our clock where the gateway says its own. */
function renewable(
  { credentials }: Authenticated,
  progress: Progress,
  serverTime: number | undefined,
): "token" | "clock" | undefined {
  if (credentials?.kind === "token") return progress.staleToken === undefined ? "token" : undefined;
  const correctable = credentials !== undefined && serverTime !== undefined && !progress.clockCorrected;
  return correctable ? "clock" : undefined;
}

function lockIfTold(caller: Caller, { failure, authenticated: { credentials } }: FailedAttempt): void {
  if (credentials?.kind === "access-key" && /failed to reach the limit/i.test(failure.message)) {
    caller.authenticator.lock(credentials.accessKey);
  }
}

function report<T>(
  caller: Caller,
  request: ApiRequest<T>,
  outgoing: Outgoing,
  progress: Progress,
  outcome: Omit<AttemptEvent, "operation" | "attempt" | "durationMs">,
): void {
  const event = {
    operation: request.operation,
    attempt: progress.attempt,
    ...outcome,
    durationMs: caller.now() - progress.attemptAt,
  };
  caller.logger?.debug({ ...event, method: outgoing.method, url: outgoing.shownUrl }, "huaweicloud attempt");
  caller.onAttempt?.(event);
}
