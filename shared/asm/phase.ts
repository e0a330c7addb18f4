import { ApiError } from "../huaweicloud/errors.ts";

/** What a phase means to somebody who waits. */
export type Verdict = "success" | "pending" | "failure";

export interface Judgement {
  verdict: Verdict;
  /** Worth telling a person while waiting goes on. */
  warning?: string;
  /** Why it is a failure. */
  reason?: string;
}

export interface PhaseContext {
  /** When the service accepted our create or delete, by our clock (ISO 8601). Without it no grace has passed. */
  since?: string;
  /** `status.updateTimestamp` of the mesh as seen now. */
  updatedAt?: string | undefined;
  /** `status.updateTimestamp` in the answer to our DELETE: the service's clock; `since` is used without it. */
  acceptedUpdate?: string | undefined;
  now?: () => number;
  /** How long a phase from before the DELETE is borne, in ms. */
  graceMs?: number;
}

/** How long a mesh may keep its old phase after a DELETE was accepted. */
export const DELETE_GRACE_MS = 60_000;

/** How long a mesh may answer 404 after its create was accepted. */
export const NOT_FOUND_GRACE_MS = 60_000;

/** After this long in Creating or Deleting somebody should be told. */
export const STUCK_AFTER_MS = 15 * 60_000;

/** The phases of ASM API reference, table 4-37; the service may answer others. */
export const PHASES = [
  "Creating",
  "Running",
  "CreateFailed",
  "Deleting",
  "DeleteFailed",
  "Upgrading",
  "UpgradeFailed",
  "RollingBack",
  "RollbackFailed",
] as const;

export type Phase = (typeof PHASES)[number];

/** What the phase means while waiting for a create to end in Running, or for a delete to end in a 404. */
export function judgePhase(
  direction: "create" | "delete",
  phase: string | undefined,
  context: PhaseContext = {},
): Judgement {
  if (phase === undefined) return pending("The answer has no phase.");
  if (!isPhase(phase)) return pending(`The phase ${phase} is not known; waiting goes on.`);
  return direction === "create" ? judgeCreate(phase) : judgeDelete(phase, context);
}

function judgeCreate(phase: Phase): Judgement {
  switch (phase) {
    case "Running":
      return { verdict: "success" };
    case "Creating":
      return pending();
    case "Upgrading":
    case "RollingBack":
      return pending(`The mesh is ${phase}: somebody has started that elsewhere.`);
    case "Deleting":
      return failure("The mesh is being deleted by someone else.");
    case "CreateFailed":
    case "DeleteFailed":
    case "UpgradeFailed":
    case "RollbackFailed":
      return failure(`The mesh is ${phase}.`);
  }
}

function judgeDelete(phase: Phase, context: PhaseContext): Judgement {
  switch (phase) {
    case "Deleting":
      return pending();
    case "Creating":
    case "Upgrading":
    case "RollingBack":
      return pending(`The mesh is still ${phase}; the delete may have to wait for that.`);
    case "DeleteFailed":
      return isNews(context) ? failure("The mesh is DeleteFailed.") : startingPoint(phase, context);
    case "Running":
    case "CreateFailed":
    case "UpgradeFailed":
    case "RollbackFailed":
      return startingPoint(phase, context);
  }
}

/** A phase in which a delete may start: borne for the grace, since reads may lag behind. */
function startingPoint(phase: Phase, context: PhaseContext): Judgement {
  const { graceMs = DELETE_GRACE_MS } = context;
  if (elapsedMs(context) <= graceMs) return pending();
  return failure(
    `The delete was not accepted: ${graceMs / 1000} s after the request the mesh is still ${phase}.`,
  );
}

/** A DeleteFailed counts only when it was written after our DELETE: an older one is where the delete started. */
function isNews({ updatedAt, acceptedUpdate, since }: PhaseContext): boolean {
  const seen = Date.parse(updatedAt ?? "");
  const accepted = Date.parse(acceptedUpdate ?? since ?? "");
  return seen > accepted;
}

/** What a 404 with an ASM code means: the end of a delete; after a create a lag at first, then a loss. */
export function judgeMissing(
  direction: "create" | "delete",
  context: Pick<PhaseContext, "since" | "now" | "graceMs"> = {},
): Judgement {
  if (direction === "delete") return { verdict: "success" };
  const { graceMs = NOT_FOUND_GRACE_MS } = context;
  if (elapsedMs(context) <= graceMs) return pending();
  return failure(`The mesh has vanished: ${graceMs / 1000} s after its create it is not found.`);
}

/** A 404 by ASM itself. A gateway's 404 is a wrong address and never means that a mesh is gone. */
export function isMissingMesh(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404 && (error.code ?? "").startsWith("ASM.");
}

/** What a result calls an end in this phase: `CreateFailed` → `CREATE_FAILED`. */
export function phaseErrorCode(phase = "failed"): string {
  return phase.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}

function isPhase(phase: string): phase is Phase {
  return (PHASES as readonly string[]).includes(phase);
}

function elapsedMs({ since, now = Date.now }: Pick<PhaseContext, "since" | "now">): number {
  const from = Date.parse(since ?? "");
  return Number.isNaN(from) ? 0 : now() - from;
}

function pending(warning?: string): Judgement {
  return warning === undefined ? { verdict: "pending" } : { verdict: "pending", warning };
}

function failure(reason: string): Judgement {
  return { verdict: "failure", reason };
}
