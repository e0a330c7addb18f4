import type { ApiRequest } from "./api-client.ts";
import type { AccessKeyLocked, Authenticated } from "./authenticator.ts";
import { ApiError } from "./errors.ts";
import { hintFor } from "./hint.ts";
import type { Outgoing } from "./outgoing.ts";
import { parseErrorAnswer } from "./parse-error.ts";
import type { TurnTooLate } from "./rate-budget.ts";
import { redact } from "./redact.ts";
import type { Failure } from "./retry.ts";
import { retryAfterMs } from "./retry-after.ts";
import type { Answer, NetworkFault } from "./transport.ts";

/** An attempt without success; never leaves the client, which turns the last one into an {@link ApiError}. */
export class FailedAttempt extends Error {
  override readonly name = "FailedAttempt";
  readonly failure: Failure & { requestId?: string };
  readonly authenticated: Authenticated;

  constructor(failure: FailedAttempt["failure"], authenticated: Authenticated, cause?: NetworkFault) {
    super(failure.message, { cause });
    this.failure = failure;
    this.authenticated = authenticated;
  }
}

/** What an answer of another status than the expected says. */
export function failureOf(answer: Answer, success: readonly number[], now: number): FailedAttempt["failure"] {
  const { status } = answer;
  const parsed = parseErrorAnswer(answer.text, answer.headers);
  const wait = retryAfterMs(answer.headers.get("retry-after"), now);
  return {
    ...parsed,
    status,
    ...(status >= 200 && status < 300 ? { message: `${success.join(" or ")} was expected.` } : {}),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
}

/** The error for the caller; redacted, with a hint. */
export function apiError(
  { failure, authenticated, cause }: FailedAttempt,
  request: Pick<ApiRequest<unknown>, "operation" | "secrets">,
  outgoing: Outgoing,
  outcome: { retryable: boolean; ambiguous: boolean },
  region: string | undefined,
): ApiError {
  const { status, code, requestId } = failure;
  const message = shown(failure.message, authenticated, request);
  const fault = cause as NetworkFault | undefined;
  const hint = hintFor(
    { ...failure, ...(fault?.code === undefined ? {} : { networkCode: fault.code }) },
    { host: outgoing.host, region, canonicalRequest: authenticated.canonicalRequest },
  );
  const answered =
    status === undefined
      ? `got no answer: ${message}`
      : `answered ${status}${code === undefined ? "" : ` ${code}`}: ${message}`;
  const idText = requestId === undefined ? "" : ` (request id ${requestId})`;
  return new ApiError(`${outgoing.method} ${outgoing.shownPath} ${answered}${idText}`, {
    operation: request.operation,
    method: outgoing.method,
    url: outgoing.shownUrl,
    status,
    code: code ?? fault?.code,
    requestId,
    ...outcome,
    hint: hint === undefined ? undefined : shown(hint, authenticated, request),
    retryAfterMs: failure.retryAfterMs,
    cause,
  });
}

/** The error of a call that was not sent because the gateway has locked its access key. */
export function lockedError(
  lock: AccessKeyLocked,
  request: Pick<ApiRequest<unknown>, "operation">,
  outgoing: Outgoing,
  now: number,
): ApiError {
  return new ApiError(`${outgoing.method} ${outgoing.shownPath} was not sent: ${lock.message}.`, {
    operation: request.operation,
    method: outgoing.method,
    url: outgoing.shownUrl,
    status: 401,
    code: "APIGW.0301",
    retryable: false,
    retryAfterMs: lock.untilMs - now,
    hint: "Mend the access key or secret key first: every further failure locks it again.",
    cause: lock,
  });
}

/** The error of a call that was not sent because its turn comes after its `notAfter`. */
export function turnTooLateError(
  late: TurnTooLate,
  request: Pick<ApiRequest<unknown>, "operation">,
  outgoing: Outgoing,
  now: number,
): ApiError {
  return new ApiError(`${outgoing.method} ${outgoing.shownPath} was not sent: ${late.message}, too late.`, {
    operation: request.operation,
    method: outgoing.method,
    url: outgoing.shownUrl,
    code: "RATE_BUDGET",
    retryable: true,
    retryAfterMs: late.turnAt - now,
    hint: "More calls wait than may be sent in time: ask for less at once, or raise MESHFLOW_WRITES_PER_MINUTE if the gateway allows more.",
    cause: late,
  });
}

/** Text from outside as an error or a log may hold it: without secrets, on one line, of bounded length. */
export function shown(
  text: string,
  { credentials }: Authenticated,
  { secrets = [] }: Pick<ApiRequest<unknown>, "secrets">,
): string {
  const own =
    credentials?.kind === "token"
      ? [credentials.token]
      : [credentials?.accessKey, credentials?.secretKey, credentials?.securityToken];
  const line = redact(text, [...secrets, ...own]).replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
  return line.length > longestText ? `${line.slice(0, longestText).replace(/[\uD800-\uDBFF]$/u, "")}…` : line;
}

const longestText = 2000;
