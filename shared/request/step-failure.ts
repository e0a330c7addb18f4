import { diagnose } from "../asm/diagnosis.ts";
import { InvalidMeshError } from "../asm/expand.ts";
import { ApiError, CredentialsError, InvalidResponseError } from "../huaweicloud/errors.ts";
import { SignatureInputError } from "../huaweicloud/signature-input-error.ts";
import { UnsafeUrlError } from "../huaweicloud/url.ts";
import { InvalidRequestError } from "./mesh-request.ts";
import type { StepError } from "./step-result.ts";

/**
 * The answer to an error: 400, 401, 403, 404, 409 or 422 for what cannot succeed, 503 for what may succeed later
 * and for everything that nobody expected, with Huawei's code, message and request id where there are any.
 */
export function failureOf(
  error: unknown,
  { direction, signal }: { direction?: "create" | "delete" | undefined; signal?: AbortSignal | undefined },
): { statusCode: number; error: StepError } {
  if (signal?.aborted) {
    return { statusCode: 503, error: { code: "ABORTED", message: `Stopped: ${messageOf(signal.reason)}` } };
  }
  if (!(error instanceof ApiError)) {
    const [statusCode, code] = classify(error);
    const { requestId } = error instanceof InvalidResponseError ? error : {};
    return {
      statusCode,
      error: { code, message: messageOf(error), ...(requestId && { requestId }) },
    };
  }
  const hint = (direction && adviceFor(error, direction)) ?? error.hint;
  return {
    statusCode: statusOf(error),
    error: {
      code: error.code ?? (error.status === undefined ? "UNREACHABLE" : `HTTP_${error.status}`),
      message: error.message,
      ...(error.requestId && { requestId: error.requestId }),
      ...(hint && { hint }),
    },
  };
}

/** What is known of ASM itself says more than the hint of the client, which serves every service. */
function adviceFor(error: ApiError, direction: "create" | "delete"): string | undefined {
  const { status, code, message } = error;
  if (status === undefined) return undefined;
  const isWrongAddress = status === 404 && code === undefined;
  return diagnose({ direction, message, status, code: isWrongAddress ? "APIGW.0101" : code });
}

/** The same call may succeed later. An answer that is not what it should be counts as a passing fault. */
export function isTransient(error: unknown): boolean {
  return error instanceof ApiError ? error.retryable : classify(error)[0] === 503;
}

/** A 404 counts as "no such mesh" only with an ASM code; a gateway's 404 is a wrong address, which is our fault. */
function statusOf(error: ApiError): number {
  if (error.retryable) return 503;
  const { status, code = "" } = error;
  if (status === undefined) return 503;
  if (status === 404) return code.startsWith("ASM.") ? 404 : 400;
  if ([401, 403, 409, 422].includes(status)) return status;
  if (status === 429) return 403;
  // a redirect or an address that no gateway knows stays what it is; an unusable answer of success may not
  return status >= 300 && !error.ambiguous ? 400 : 503;
}

function classify(error: unknown): [statusCode: number, code: string] {
  if (isOneOfThese(error, [InvalidMeshError, InvalidRequestError])) return [400, "INVALID_REQUEST"];
  if (isOneOfThese(error, [UnsafeUrlError, SignatureInputError])) return [400, "INVALID_CALL"];
  if (error instanceof CredentialsError) return [401, "NO_CREDENTIALS"];
  return [503, error instanceof InvalidResponseError ? "INVALID_RESPONSE" : "UNEXPECTED"];
}

function isOneOfThese(
  error: unknown,
  classes: readonly (abstract new (...args: never[]) => Error)[],
): boolean {
  return classes.some((each) => error instanceof each);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
