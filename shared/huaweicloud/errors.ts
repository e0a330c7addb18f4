/** What is known of a call that failed. */
export interface ApiErrorDetails {
  operation: string;
  method: string;
  /** Origin and path only: a query may hold what must not be kept. */
  url: string;
  status?: number | undefined;
  code?: string | undefined;
  requestId?: string | undefined;
  retryable: boolean;
  ambiguous?: boolean | undefined;
  hint?: string | undefined;
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

/**
 * A call that Huawei Cloud refused, failed or left without an answer. The message says method, path, status, code
 * and request id; nothing in it is secret.
 */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly operation: string;
  readonly method: string;
  /** Origin and path; never a query. */
  readonly url: string;
  declare readonly status?: number;
  /** Huawei's own code as text, such as `ASM.01409001`. */
  declare readonly code?: string;
  declare readonly requestId?: string;
  /** The same call can succeed later: throttling, a busy resource, a fault of the network or the service. */
  readonly retryable: boolean;
  /** The request may have been carried out although no proper answer came: look before asking again. */
  readonly ambiguous: boolean;
  /** What to do, in plain words. */
  declare readonly hint?: string;
  /** How long the service asked us to wait, in ms. */
  declare readonly retryAfterMs?: number;

  constructor(message: string, details: ApiErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.operation = details.operation;
    this.method = details.method;
    this.url = details.url;
    this.retryable = details.retryable;
    this.ambiguous = details.ambiguous ?? false;
    if (details.status !== undefined) this.status = details.status;
    if (details.code !== undefined) this.code = details.code;
    if (details.requestId !== undefined) this.requestId = details.requestId;
    if (details.hint !== undefined) this.hint = details.hint;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
  }
}

/** An answer of the expected status whose body is not what the API reference promises. */
export class InvalidResponseError extends Error {
  override readonly name = "InvalidResponseError";
  readonly retryable = false;
  readonly operation: string;
  readonly status: number;
  declare readonly requestId?: string;
  /** True where the request changes something: it was accepted, only its answer is unusable. */
  readonly ambiguous: boolean;

  constructor(
    message: string,
    details: { operation: string; status: number; requestId?: string | undefined; ambiguous: boolean },
  ) {
    super(message);
    this.operation = details.operation;
    this.status = details.status;
    this.ambiguous = details.ambiguous;
    if (details.requestId !== undefined) this.requestId = details.requestId;
  }
}

/** No usable credentials: none are set, or the ones set were refused before. The message says what to do. */
export class CredentialsError extends Error {
  override readonly name = "CredentialsError";
  readonly retryable = false;
}
