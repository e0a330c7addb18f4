import { diagnose } from "../../shared/asm/diagnosis.ts";
import {
  judgeMissing,
  judgePhase,
  NOT_FOUND_GRACE_MS,
  phaseErrorCode,
  STUCK_AFTER_MS,
} from "../../shared/asm/phase.ts";
import type { Mesh } from "../../shared/asm/schema.ts";
import { failed, type TrackedMesh } from "../../shared/request/step-answer.ts";
import { type StepResult, stepResult, summariseMesh } from "../../shared/request/step-result.ts";
import type { Observation } from "./observe.ts";
import { known, type Track, warn } from "./track.ts";

/**
 * What a look means for the request: a final result, or nothing while it is pending. Keeps in `track` what later
 * looks need: the mesh as last seen, since when it is missing or unreachable, what is worth a warning.
 */
export function judge(track: Track, seen: Observation, now: number): StepResult | undefined {
  if (seen.kind === "unreachable") return judgeUnreachable(track, seen.error, now);
  delete track.mesh.unreachableSince;
  delete track.mesh.unreachableInRow;
  if (seen.kind === "notFound") return judgeGone(track, now);
  delete track.mesh.missingSince;
  if (seen.kind === "seen") return judgeSeen(track, seen.mesh, now);
  const code = track.request.action === "create" ? "NAME_TAKEN" : "NOT_THE_MESH_MEANT";
  const message = `${track.mesh.name}: the mesh of this name was left alone, ${seen.why}.`;
  return stepResult.permanent(track.request, 409, { ...known(track), error: { code, message } });
}

function judgeSeen(track: Track, seen: Mesh, now: number): StepResult | undefined {
  const { action, requestedAt } = track.request;
  const mesh: TrackedMesh = { ...track.mesh, ...summariseMesh(seen) };
  if (seen.status?.phase === undefined) delete mesh.phase;
  track.mesh = mesh;
  const { verdict, reason, warning } = judgePhase(action, mesh.phase, {
    since: mesh.deleteAcceptedAt ?? requestedAt,
    acceptedUpdate: mesh.deleteUpdatedAt,
    updatedAt: seen.status?.updateTimestamp,
    now: () => now,
  });
  if (warning) warn(track, warning);
  if (verdict === "success") return stepResult.ok(track.request, known(track));
  const facts = { direction: action, phase: mesh.phase };
  if (verdict === "pending") {
    const since =
      mesh.phase === "Creating"
        ? (mesh.createdAt ?? mesh.acceptedAt)
        : mesh.phase === "Deleting"
          ? (mesh.deleteAcceptedAt ?? mesh.updatedAt)
          : undefined;
    const stuckMs = now - Date.parse(since ?? "");
    if (stuckMs >= STUCK_AFTER_MS) {
      const hint = diagnose({ ...facts, stuckMs });
      warn(track, `The mesh has been ${mesh.phase} since ${since}.`, hint && ` ${hint}`);
    }
    return undefined;
  }
  const hint = diagnose(facts);
  return stepResult.permanent(track.request, 422, {
    ...known(track),
    error: {
      code: failureCode(action, mesh.phase),
      message: `${mesh.name} (uid ${mesh.uid}): ${reason}`,
      ...(hint && { hint }),
    },
  });
}

/** The end of a delete; after a create a lag at first, then a loss. */
function judgeGone(track: Track, now: number): StepResult | undefined {
  const { request, mesh } = track;
  const again = mesh.missingSince !== undefined;
  mesh.missingSince ??= new Date(now).toISOString();
  // The grace runs from the create, where that is known. A mesh that was seen and then is missing gets a second look.
  const since = mesh.acceptedAt ?? mesh.createdAt ?? mesh.missingSince;
  const { verdict } = judgeMissing(request.action, { since, now: () => now });
  if (verdict === "success") {
    const { missingSince: _, ...gone } = mesh;
    track.mesh = { ...gone, phase: "Gone" };
    return stepResult.ok(request, known(track));
  }
  if (verdict === "pending" || !again) return undefined;
  return stepResult.permanent(request, 410, {
    ...known(track),
    error: {
      code: "VANISHED",
      message: `${mesh.name}${mesh.uid ? ` (uid ${mesh.uid})` : ""} has vanished: not found since ${mesh.missingSince}, more than ${NOT_FOUND_GRACE_MS / 1000} s after its create at ${since}.`,
      hint: "Somebody may have deleted it. Ask for it again if it is still needed.",
    },
  });
}

/** A failed look says nothing about the mesh, unless there is nothing but failed looks. */
function judgeUnreachable(track: Track, error: unknown, now: number): StepResult | undefined {
  const { mesh, request } = track;
  const inRow = (mesh.unreachableInRow ?? 0) + 1;
  const since = mesh.unreachableSince ?? new Date(now).toISOString();
  mesh.unreachableInRow = inRow;
  mesh.unreachableSince = since;
  if (inRow <= tolerated.inRow && now - Date.parse(since) < tolerated.ms) return undefined;
  // The next try starts afresh: without this it would bear nothing at all.
  delete mesh.unreachableInRow;
  delete mesh.unreachableSince;
  const result = failed(request, error);
  const message = `${mesh.name} could not be looked at ${inRow} times in a row, since ${since}. ${result.error?.message}`;
  return { ...result, statusCode: 503, ...known(track), error: { ...result.error!, message } };
}

const tolerated = { inRow: 10, ms: 5 * 60_000 };

/** A delete that leaves the mesh as it was has not been accepted. */
function failureCode(action: "create" | "delete", phase: string | undefined): string {
  return action === "delete" && phase !== "DeleteFailed" ? "DELETE_NOT_ACCEPTED" : phaseErrorCode(phase);
}
