import type { AsmClient, CallOptions } from "../asm/client.ts";
import type { Logger } from "../logger.ts";
import { InvalidRequestError, type MeshRequest, parseMeshRequest } from "./mesh-request.ts";
import { failureOf } from "./step-failure.ts";
import type { MeshSummary, StepResult } from "./step-result.ts";

/** What every step of a flow can be given from outside. */
export interface StepSeams {
  now?: () => number;
  signal?: AbortSignal;
}

/** What a step that calls ASM can be given. */
export interface MeshStepSeams extends StepSeams {
  asm: AsmClient;
  logger?: Logger;
}

/** What a step that also waits can be given. */
export interface WaitingStepSeams extends MeshStepSeams {
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  random?: () => number;
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

/** The object itself, or an empty one for anything that is none. */
export function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** The strings in a list that came from outside; nothing for anything else. */
export function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function isOneOf<Action extends MeshRequest["action"]>(
  request: MeshRequest,
  actions: readonly Action[],
): request is Extract<MeshRequest, { action: Action }> {
  return (actions as readonly string[]).includes(request.action);
}
