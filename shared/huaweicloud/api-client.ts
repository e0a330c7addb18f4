import type * as z from "zod";
import type { Logger } from "../logger.ts";
import type { CredentialsProvider } from "./credentials.ts";

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
  query?: Record<string, string | number | boolean | undefined | readonly (string | number | boolean)[]>;
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
  /** `attempts`: tries in all (5). `maxElapsedMs`: no attempt begins later than this (120,000). */
  retry?: { attempts?: number; maxElapsedMs?: number };
  fetch?: typeof globalThis.fetch;
  now?: () => number;
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  random?: () => number;
  logger?: Logger;
  onAttempt?: (event: AttemptEvent) => void;
}

/** The one place that calls Huawei Cloud. */
export function createApiClient(_options: ApiClientOptions): ApiClient {
  return { request: () => Promise.reject(new Error("not built yet")) };
}
