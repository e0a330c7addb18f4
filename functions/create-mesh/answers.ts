import { diagnose } from "../../shared/asm/diagnosis.ts";
import { judgePhase, phaseErrorCode } from "../../shared/asm/phase.ts";
import type { CreateOutcome } from "../../shared/asm/reconcile.ts";
import type { Mesh } from "../../shared/asm/schema.ts";
import { failed, type TrackedMesh } from "../../shared/request/step-answer.ts";
import { failureOf } from "../../shared/request/step-failure.ts";
import { type StepResult, stepResult, summariseMesh } from "../../shared/request/step-result.ts";
import type { Run } from "./run.ts";

export function adoptOrRefuse(run: Run, found: Exclude<CreateOutcome, { outcome: "absent" }>): StepResult {
  const { name, uid } = found.mesh.metadata;
  if (found.outcome === "ours") {
    run.logger?.info({ uid }, "adopted the mesh that an earlier attempt of this request has made");
    return { ...accept(run, found.mesh), adopted: true };
  }
  return stepResult.permanent(run.request, 409, {
    error: {
      code: "NAME_TAKEN",
      message: `The name ${name} is taken by another mesh (uid ${uid ?? "unknown"}), which was left alone: ${found.why}.`,
      hint:
        found.mesh.status?.phase === "Deleting"
          ? "It is being deleted: ask again when it is gone."
          : "Choose another name, or delete that mesh first if it is not needed any more.",
    },
  });
}

/** The mesh is ours, and its uid is known from here on. One that has failed already is not a success. */
export function accept({ request, now }: Run, found: Mesh): StepResult {
  const phase = found.status?.phase;
  const { verdict, reason, warning } = judgePhase("create", phase);
  const mesh: TrackedMesh = { ...summariseMesh(found), acceptedAt: new Date(now()).toISOString() };
  if (verdict !== "failure") {
    return stepResult.ok(request, { mesh, ...(warning && phase && { warnings: [warning] }) });
  }
  const hint = diagnose({ direction: "create", phase });
  return stepResult.permanent(request, 422, {
    mesh,
    error: {
      code: phaseErrorCode(phase),
      message: `${mesh.name} (uid ${mesh.uid}): ${reason}`,
      ...(hint && { hint }),
    },
  });
}

export function takenElsewhere({ request, body }: Run, { code, message, requestId }: Doubt): StepResult {
  return stepResult.permanent(request, 409, {
    error: {
      code: code ?? "NAME_TAKEN_ELSEWHERE",
      message: `The name ${body.metadata.name} is taken elsewhere: no mesh of this project has it. ${message}`,
      ...(requestId && { requestId }),
      hint: "Names can be unique across the account: look in its other projects, or choose another name.",
    },
  });
}

export function outcomeUnknown({ request, body, ambiguousGraceMs }: Run, doubt: Doubt): StepResult {
  const { message, requestId } = doubt;
  const cause = failureOf(doubt, { direction: "create" }).error.hint;
  const next = "It is safe to try again: the next attempt looks for the mesh before it asks for one.";
  return stepResult.transient(request, {
    error: {
      code: "OUTCOME_UNKNOWN",
      message: `The create of ${body.metadata.name} had no proper answer, and for ${ambiguousGraceMs / 1000} s no such mesh was listed. ${message}`,
      ...(requestId && { requestId }),
      hint: cause === undefined ? next : `${cause} ${next}`,
    },
  });
}

/** It was asked for, and then nobody could look: whatever the reason, there may be a mesh that nobody watches. */
export function unsettled({ request, body, signal }: Run, reason: unknown): StepResult {
  const { statusCode, error } = failed(request, reason, { signal });
  const { code, message = "", ...rest } = error ?? { code: "UNEXPECTED" };
  const doubt = `Whether ${body.metadata.name} was created is not known.`;
  const next = "Look at the meshes of the project, or run the request again: it looks before it asks.";
  return { statusCode, request, error: { code, message: `${doubt} ${message}`, hint: next, ...rest } };
}

export function tooLate({ request, body }: Run, what: string): StepResult {
  return stepResult.expired(request, {
    error: {
      code: "DEADLINE_PASSED",
      message: `The deadline ${request.deadline} of the create of ${body.metadata.name} has passed. ${what}`,
    },
  });
}

type Doubt = Error & { code?: string; requestId?: string };
