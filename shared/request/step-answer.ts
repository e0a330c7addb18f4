import type { CallOptions } from "../asm/client.ts";
import { diagnose } from "../asm/diagnosis.ts";
import { InvalidMeshError } from "../asm/expand.ts";
import { ApiError, CredentialsError, InvalidResponseError } from "../huaweicloud/errors.ts";
import { SignatureInputError } from "../huaweicloud/signature-input-error.ts";
import { UnsafeUrlError } from "../huaweicloud/url.ts";
import { InvalidRequestError, type MeshRequest, parseMeshRequest } from "./mesh-request.ts";
import type { MeshSummary, StepResult } from "./step-result.ts";

/** What every step of a flow can be given from outside. */
export interface StepSeams {
  now?: () => number;
  signal?: AbortSignal;
}

/**
 * A mesh on its way through a flow: its summary, and what the next step or the next try must know. It travels
 * with the mesh since a flow keeps nothing else.
 */
export interface TrackedMesh extends MeshSummary {
  /** When the create was accepted, by our clock. */
  acceptedAt?: string;
  /** When the delete was accepted, by our clock. */
  deleteAcceptedAt?: string;
  /** `status.updateTimestamp` in the answer to the DELETE, by the service's clock. */
  deleteUpdatedAt?: string;
  /** Since when every read has answered that there is no such mesh. */
  missingSince?: string;
  /** Since when every read has failed, and how many. */
  unreachableSince?: string;
  unreachableInRow?: number;
}

/**
 * Runs one step of a flow so that it always answers: input that cannot be read is 400 with every fault, an error
 * that escapes `step` is mapped by {@link failureOf}.
 */
export async function answerStep<Action extends MeshRequest["action"]>(
  input: unknown,
  actions: readonly Action[],
  { now = Date.now, signal }: StepSeams,
  step: (
    request: Extract<MeshRequest, { action: Action }>,
    fields: Record<string, unknown>,
  ) => Promise<StepResult>,
): Promise<StepResult> {
  const fields = record(input);
  // A refused request is echoed as it came, so that the last step can still say whose it was.
  let request = fields.request as MeshRequest;
  try {
    request = parseMeshRequest(fields.request, { now });
    if (!isOneOf(request, actions)) {
      const message = `must be ${actions.join(" or ")} here, not ${request.action}`;
      throw new InvalidRequestError([{ path: "action", message }]);
    }
    return await step(request, fields);
  } catch (error) {
    return failed(request, error, { mesh: givenMesh(fields.mesh), signal });
  }
}

/** The result for an error, see {@link failureOf}. */
export function failed(
  request: MeshRequest,
  error: unknown,
  { mesh, signal }: { mesh?: TrackedMesh | undefined; signal?: AbortSignal | undefined } = {},
): StepResult {
  const answer = failureOf(error, { direction: request?.action, signal });
  return { statusCode: answer.statusCode, request, ...(mesh && { mesh }), error: answer.error };
}

/** The mesh in a step's input without what is not of its type, or nothing when there is none with a name. */
export function givenMesh(value: unknown): TrackedMesh | undefined {
  const fields = Object.entries(record(value)).filter(([key, field]) => {
    if (key === "clusters") return strings(field).length > 0;
    return key === "unreachableInRow" ? typeof field === "number" : typeof field === "string" && field !== "";
  });
  const mesh = Object.fromEntries(fields);
  return "name" in mesh ? (mesh as unknown as TrackedMesh) : undefined;
}

/** Milliseconds until the request's deadline; 0 when it has passed. */
export function msToDeadline(request: MeshRequest, now: number): number {
  return Math.max(0, Date.parse(request.deadline) - now);
}

/** Options of a change: it is not asked for after the deadline, however long it has to wait for its turn. */
export function changeOptions(request: MeshRequest, signal: AbortSignal | undefined): CallOptions {
  return { notAfter: Date.parse(request.deadline), ...(signal && { signal }) };
}

/**
 * Options of a look that is over at `end`; a few seconds more if that is now or has passed, so that a last look
 * is not lost to a single fault.
 */
export function lookOptions(end: number, now: number, signal: AbortSignal | undefined): CallOptions {
  return { notAfter: Math.max(end, now + 10_000), ...(signal && { signal }) };
}

/**
 * The answer to an error: 400, 401, 403, 404, 409 or 422 for what cannot succeed, 503 for what may succeed later
 * and for everything that nobody expected, with Huawei's code, message and request id where there are any.
 */
export function failureOf(
  error: unknown,
  { direction, signal }: { direction?: "create" | "delete" | undefined; signal?: AbortSignal | undefined },
): { statusCode: number; error: NonNullable<StepResult["error"]> } {
  if (signal?.aborted) {
    return { statusCode: 503, error: { code: "ABORTED", message: `Stopped: ${messageOf(signal.reason)}` } };
  }
  if (!(error instanceof ApiError)) {
    const [statusCode, code] = classify(error);
    const { requestId } = record(error);
    return {
      statusCode,
      error: { code, message: messageOf(error), ...(typeof requestId === "string" && { requestId }) },
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

/** The object itself, or an empty one for anything that is none. */
export function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** The strings in a list that came from outside; nothing for anything else. */
export function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
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

function isOneOf<Action extends MeshRequest["action"]>(
  request: MeshRequest,
  actions: readonly Action[],
): request is Extract<MeshRequest, { action: Action }> {
  return (actions as readonly string[]).includes(request.action);
}
