import type * as z from "zod/mini";
import type { Config } from "../config.ts";
import type { Logger } from "../logger.ts";
import { createAuthenticator } from "./authenticator.ts";
import { type Caller, call } from "./call.ts";
import type { CredentialsProvider } from "./credentials.ts";
import { createRateBudgets } from "./rate-budget.ts";
import type { CallKind } from "./retry.ts";
import type { SigningOptions } from "./signature.ts";
import { sleep as realSleep } from "./sleep.ts";
import type { QueryValue } from "./url.ts";

/** One call of an API. */
export interface ApiRequest<T> {
  /** Name of the operation as in the API reference, such as `CreateMesh`. */
  operation: string;
  service: "asm" | "iam" | "smn" | "functiongraph";
  /** Which row of the retry matrix; `create`, `delete` and `write` draw on the service's budget of writes. */
  kind: CallKind;
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
  schema?: z.core.$ZodType<T>;
  signal?: AbortSignal;
  /**
   * No attempt begins after this moment (ms since 1970 by the client's clock), however long budgets and retries
   * take; save the first one of a read. An attempt that has begun is not cut off.
   */
  notAfter?: number;
  /** Values in the body, such as a password, that no error and no log may hold. */
  secrets?: readonly string[];
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
  /** How fast calls may be sent to each service, before its gateway refuses them. */
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
  const { now = Date.now, sleep = realSleep, budgets = {}, retry = {} } = options;
  const caller: Caller = {
    authenticator: createAuthenticator({
      credentials: options.credentials,
      projectId: options.projectId,
      derived: options.derived,
      now,
    }),
    budget: createRateBudgets({ ...budgets, now, sleep }),
    attempts: retry.attempts ?? 5,
    maxElapsedMs: retry.maxElapsedMs ?? 100_000,
    attemptTimeoutMs: options.attemptTimeoutMs ?? 30_000,
    maxResponseBytes: options.maxResponseBytes ?? 16 * 1024 * 1024,
    region: options.region,
    fetch: options.fetch ?? globalThis.fetch,
    now,
    sleep,
    random: options.random ?? Math.random,
    logger: options.logger,
    onAttempt: options.onAttempt,
  };
  return { request: (request) => call(caller, request) };
}

/** What the settings say of a client: how long, how fast, where and how it signs. */
export function clientSettings(
  config: Pick<Config, "attemptTimeoutMs" | "readsPerSecond" | "writesPerMinute" | "region" | "signature">,
): Pick<ApiClientOptions, "attemptTimeoutMs" | "budgets" | "region" | "derived"> {
  const { attemptTimeoutMs, readsPerSecond, writesPerMinute, region, signature } = config;
  return {
    attemptTimeoutMs,
    budgets: { readsPerSecond, writesPerMinute },
    ...(region && { region }),
    ...(signature === "derived" && { derived: {} }),
  };
}
