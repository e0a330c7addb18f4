import type { AsmClient } from "../../shared/asm/client.ts";
import { isMissingMesh } from "../../shared/asm/phase.ts";
import { clockOffsetMs, findMeshForDelete } from "../../shared/asm/reconcile.ts";
import { ApiError } from "../../shared/huaweicloud/errors.ts";
import type { DeleteRequest } from "../../shared/request/mesh-request.ts";
import {
  answerStep,
  changeOptions,
  failed,
  givenMesh,
  lookOptions,
  type MeshStepSeams,
  msToDeadline,
  type TrackedMesh,
} from "../../shared/request/step-answer.ts";
import { type StepResult, stepResult, summariseMesh } from "../../shared/request/step-result.ts";

/**
 * The first step of a delete: finds the one mesh that is meant and asks for its delete by uid. It can be run again
 * at any time: a mesh that is not there (any more) is 200 with the phase `Gone`. Answers 409 when the name does
 * not say which mesh is meant, 503 while the mesh is busy or the service in trouble, 504, or the status of a
 * permanent error; never throws. `mesh.deleteAcceptedAt` says when the service took the delete.
 */
export async function deleteMesh(input: unknown, seams: MeshStepSeams): Promise<StepResult> {
  return answerStep(input, ["delete"], seams, async (request, fields) => {
    const { asm, now = Date.now, signal, logger } = seams;
    const given = givenMesh(fields.mesh);
    const run: Run = { asm, request, now, signal };
    if (msToDeadline(request, now()) === 0) return tooLate(request);
    const target = await findTarget(run, given);
    if ("statusCode" in target) return target as StepResult;
    logger?.info({ uid: target.uid }, "asking for the delete");
    return askForDelete(run, target);
  });
}

interface Run {
  asm: AsmClient;
  request: DeleteRequest;
  now: () => number;
  signal: AbortSignal | undefined;
}

type Target = TrackedMesh & { uid: string };

/** The mesh that is meant, or the result where there is none or no single one. A uid alone needs no look. */
async function findTarget(
  { asm, request, now, signal }: Run,
  given: TrackedMesh | undefined,
): Promise<Target | StepResult> {
  const name = request.mesh.name;
  const uid = request.mesh.uid ?? given?.uid;
  if (uid !== undefined && name === undefined) return { ...given, name: given?.name ?? uid, uid };
  const options = lookOptions(Date.parse(request.deadline), now(), signal);
  const { meshes, serverTime } = await asm.listMeshes(options);
  const offsetMs = clockOffsetMs(serverTime, now());
  const found = findMeshForDelete(meshes, { name, uid }, request.requestedAt, offsetMs);
  if (found.outcome === "refused") {
    return stepResult.permanent(request, 409, {
      error: { code: "NOT_THE_MESH_MEANT", message: `Nothing was deleted: ${found.why}.` },
    });
  }
  const seen = found.outcome === "found" ? summariseMesh(found.mesh) : undefined;
  if (seen?.uid !== undefined) return { ...seen, uid: seen.uid };
  // A list may lag behind: with a uid the service itself says whether the mesh is gone.
  if (uid !== undefined) return { name: name ?? uid, uid };
  return gone(request, { name: name ?? "" }, `There is no mesh called ${name}: nothing was left to delete.`);
}

async function askForDelete(run: Run, target: Target): Promise<StepResult> {
  try {
    const { mesh } = await run.asm.deleteMesh(target.uid, changeOptions(run.request, run.signal));
    return accepted(run, {
      ...summariseMesh(mesh),
      uid: target.uid,
      ...(mesh.status?.updateTimestamp && { deleteUpdatedAt: mesh.status.updateTimestamp }),
    });
  } catch (error) {
    if (isMissingMesh(error))
      return gone(run.request, target, `The mesh ${target.uid} is already gone: nothing was left to delete.`);
    if (run.signal?.aborted || !isRefusal(error)) {
      return failed(run.request, error, { mesh: target, signal: run.signal });
    }
    return afterRefusal(run, target, error);
  }
}

/** A refusal may only mean "not now": the phase says so. A delete that is under way already is as good as ours. */
async function afterRefusal(run: Run, target: Target, refusal: ApiError): Promise<StepResult> {
  const options = lookOptions(Date.parse(run.request.deadline), run.now(), run.signal);
  const seen = await run.asm.getMesh(target.uid, options).catch((error: unknown) => {
    return isMissingMesh(error) ? ("missing" as const) : undefined;
  });
  if (seen === "missing") return gone(run.request, target, `The mesh ${target.uid} is gone.`);
  const mesh: TrackedMesh = seen ? { ...summariseMesh(seen.mesh), uid: target.uid } : target;
  const phase = mesh.phase ?? "";
  if (phase === "Deleting") return accepted(run, mesh);
  const answer = failed(run.request, refusal, { mesh, signal: run.signal });
  const busy = ["Creating", "Upgrading", "RollingBack"].includes(phase);
  if (!busy && refusal.status !== 409 && refusal.status !== 429) return answer;
  const hint = busy
    ? `The mesh is still ${phase}, which has to end before it can be deleted.`
    : answer.error?.hint;
  return { ...answer, statusCode: 503, error: { ...answer.error!, ...(hint && { hint }) } };
}

/** The service said no, but not for want of a right and not for a wrong address. */
function isRefusal(error: unknown): error is ApiError {
  if (!(error instanceof ApiError) || error.status === undefined) return false;
  return error.status >= 400 && error.status < 500 && ![401, 403, 404, 408].includes(error.status);
}

function accepted({ request, now }: Run, mesh: TrackedMesh): StepResult {
  const tracked: TrackedMesh = { ...mesh, deleteAcceptedAt: new Date(now()).toISOString() };
  return stepResult.ok(request, { mesh: tracked });
}

function gone(request: DeleteRequest, mesh: TrackedMesh, warning: string): StepResult {
  return stepResult.ok(request, { mesh: { ...mesh, phase: "Gone" }, warnings: [warning] });
}

function tooLate(request: DeleteRequest): StepResult {
  const { name, uid } = request.mesh;
  return stepResult.expired(request, {
    error: {
      code: "DEADLINE_PASSED",
      message: `The deadline ${request.deadline} of the delete of ${name ?? uid} has passed. No delete was asked for any more.`,
    },
  });
}
