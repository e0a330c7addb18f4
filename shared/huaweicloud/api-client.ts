import pRetry from "p-retry";
import type * as z from "zod";
import type { Logger } from "../logger.ts";
import { AccessKeyLocked, createAuthenticator } from "./authenticator.ts";
import type { CredentialsProvider } from "./credentials.ts";
import { apiError, FailedAttempt, failureOf, lockedError, secretsOf } from "./failed-attempt.ts";
import { prepare } from "./outgoing.ts";
import { createRateBudget } from "./rate-budget.ts";
import { readAnswer } from "./read-answer.ts";
import { redact } from "./redact.ts";
import { decideRetry } from "./retry.ts";
import { serverTimeMs } from "./retry-after.ts";
import type { SigningOptions } from "./signature.ts";
import { sleep as realSleep } from "./sleep.ts";
import { exchange, NetworkFault } from "./transport.ts";
import type { QueryValue } from "./url.ts";

/** One call of an API. */
export interface ApiRequest<T> {
  /** Name of the operation as in the API reference, such as `CreateMesh`. */
  operation: string;
  service: "asm" | "iam" | "smn" | "functiongraph";
  /** Which row of the retry matrix and which rate budget: `create` is never repeated when its outcome is unknown. */
  kind: "read" | "create" | "delete" | "write";
  /** Base URL; may have a path prefix. */
  endpoint: string;
  method: string;
  /** Raw segments, encoded here. `""`, `"."`, `".."` and segments with `/` throw {@link UnsafeUrlError}. */
  path: readonly string[];
  /** Undefined values are left out, arrays repeat the name. */
  query?: Record<string, QueryValue>;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** Statuses that mean success, e.g. `[201]`. */
  success: readonly number[];
  /** Checks the answer; without it the parsed JSON comes back as it is. */
  schema?: z.ZodType<T>;
  signal?: AbortSignal;
}

export interface ApiResult<T> {
  data: T;
  status: number;
  requestId?: string;
  attempts: number;
  headers?: Headers;
}

export interface ApiClient {
  request<T>(request: ApiRequest<T>): Promise<ApiResult<T>>;
}

/** One attempt that ended, for progress displays. `retryInMs` is set when another one follows. */
export interface AttemptEvent {
  operation: string;
  attempt: number;
  status?: number;
  code?: string;
  error?: string;
  retryInMs?: number;
  durationMs: number;
}

export interface ApiClientOptions {
  /** `"none"` sends no authentication, as the call for a token needs. */
  credentials: CredentialsProvider | "none";
  region?: string;
  /** Sent as `X-Project-Id` with an access key, unless the credentials name a project themselves. */
  projectId?: string;
  /** Time limit of one attempt, in ms (30,000). */
  attemptTimeoutMs?: number;
  budgets?: {
    readsPerSecond?: number;
    readBurst?: number;
    writesPerMinute?: number;
    writeBurst?: number;
  };
  /** `attempts`: tries in all (5). `maxElapsedMs`: no attempt begins later than this (100,000). */
  retry?: { attempts?: number; maxElapsedMs?: number };
  /** Hosts to sign with V11-HMAC-SHA256; none by default. */
  derived?: SigningOptions["derived"];
  /** Longest answer that is read, in bytes (16 MiB). */
  maxResponseBytes?: number;
  fetch?: typeof globalThis.fetch;
  now?: () => number;
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  random?: () => number;
  logger?: Logger;
  onAttempt?: (event: AttemptEvent) => void;
}

/**
 * The one place that calls Huawei Cloud: credentials, rate budget, signature, time limit, retries, parsing, schema.
 * Calls reject with {@link ApiError}, `InvalidResponseError`, `CredentialsError`, `UnsafeUrlError`,
 * `SignatureInputError`, or the reason of their signal.
 */
export function createApiClient(options: ApiClientOptions): ApiClient {
  const {
    attemptTimeoutMs = 30_000,
    maxResponseBytes = 16 * 1024 * 1024,
    fetch = globalThis.fetch,
    now = Date.now,
    sleep = realSleep,
    random = Math.random,
    logger,
    onAttempt,
  } = options;
  const { attempts: maxAttempts = 5, maxElapsedMs = 100_000 } = options.retry ?? {};
  const authenticator = createAuthenticator({
    credentials: options.credentials,
    projectId: options.projectId,
    derived: options.derived,
    now,
  });
  const {
    readsPerSecond = 20,
    readBurst = 100,
    writesPerMinute = 10,
    writeBurst = 5,
  } = options.budgets ?? {};
  const reads = createRateBudget({ burst: readBurst, intervalMs: 1000 / readsPerSecond, now, sleep });
  const writes = createRateBudget({ burst: writeBurst, intervalMs: 60_000 / writesPerMinute, now, sleep });

  return {
    async request<T>(request: ApiRequest<T>): Promise<ApiResult<T>> {
      const { operation, kind, service, signal } = request;
      const outgoing = prepare(request);
      let startedAt: number | undefined;
      let attempt = 0;
      let attemptAt = 0;
      let staleToken: string | undefined;
      let clockCorrected = false;

      const report = (outcome: Omit<AttemptEvent, "operation" | "attempt" | "durationMs">) => {
        const event = { operation, attempt, ...outcome, durationMs: now() - attemptAt };
        logger?.debug({ ...event, method: outgoing.method, url: outgoing.shownUrl }, "huaweicloud attempt");
        onAttempt?.(event);
      };

      const tryOnce = async (): Promise<ApiResult<T>> => {
        signal?.throwIfAborted();
        await (kind === "read" ? reads : writes).take(signal);
        attempt += 1;
        attemptAt = now();
        startedAt ??= attemptAt;
        const authenticated = await authenticator
          .authenticate(outgoing, { staleToken, sendProject: service !== "iam", signal })
          .catch((error: unknown) => {
            throw error instanceof AccessKeyLocked ? lockedError(error, request, outgoing, now()) : error;
          });
        const answer = await exchange(fetch, {
          ...outgoing,
          headers: { ...unsignedHeaders, ...authenticated.headers },
          timeoutMs: attemptTimeoutMs,
          maxBytes: maxResponseBytes,
          signal,
        }).catch((error: unknown) => {
          if (!(error instanceof NetworkFault)) throw error;
          throw new FailedAttempt({ message: error.message, network: error.network }, authenticated, error);
        });
        if (!request.success.includes(answer.status)) {
          throw new FailedAttempt(failureOf(answer, request.success, now()), authenticated);
        }
        report({ status: answer.status });
        const data = readAnswer(request, answer, outgoing);
        const requestId = answer.headers.get("x-request-id");
        return {
          data,
          status: answer.status,
          attempts: attempt,
          headers: answer.headers,
          ...(requestId === null ? {} : { requestId }),
        };
      };

      const beforeRetry = async (error: Error): Promise<void> => {
        signal?.throwIfAborted();
        if (!(error instanceof FailedAttempt)) throw error;
        const { failure, authenticated } = error;
        const { credentials } = authenticated;
        const serverTime = serverTimeMs(failure.message);
        if (credentials?.kind === "access-key" && /failed to reach the limit/i.test(failure.message)) {
          authenticator.lock(credentials.accessKey);
        }
        const decision = decideRetry(failure, {
          kind,
          attempt,
          attempts: maxAttempts,
          elapsedMs: now() - (startedAt ?? now()),
          maxElapsedMs,
          renewable:
            credentials?.kind === "token"
              ? staleToken === undefined
                ? "token"
                : undefined
              : credentials && serverTime !== undefined && !clockCorrected
                ? "clock"
                : undefined,
          random,
        });
        const outcome = {
          ...(failure.status === undefined ? {} : { status: failure.status }),
          ...(failure.code === undefined ? {} : { code: failure.code }),
          error: redact(failure.message, secretsOf(authenticated)),
        };
        if (!decision.again) {
          report(outcome);
          throw apiError(error, request, outgoing, decision, options.region);
        }
        if (decision.renew === "token" && credentials?.kind === "token") staleToken = credentials.token;
        if (decision.renew === "clock" && serverTime !== undefined) {
          clockCorrected = true;
          authenticator.correctClock(serverTime, authenticated);
        }
        report({ ...outcome, retryInMs: decision.waitMs });
        if (decision.waitMs > 0) await sleep(decision.waitMs, signal);
      };

      return pRetry(tryOnce, {
        retries: Number.POSITIVE_INFINITY,
        minTimeout: 0,
        onFailedAttempt: ({ error }) => beforeRetry(error),
      });
    },
  };
}

/** Change in transit, so they stay out of the signature. */
const unsignedHeaders = { accept: "application/json", "user-agent": "meshflow" };
