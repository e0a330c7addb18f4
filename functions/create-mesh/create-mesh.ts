import { expandMesh } from "../../shared/asm/expand.ts";
import {
  type CreateOutcome,
  clockOffsetMs,
  mustReconcile,
  reconcileCreate,
} from "../../shared/asm/reconcile.ts";
import type { Mesh } from "../../shared/asm/schema.ts";
import { ApiError } from "../../shared/huaweicloud/errors.ts";
import { answerStep, changeOptions, lookOptions, msToDeadline } from "../../shared/request/step-answer.ts";
import { isTransient } from "../../shared/request/step-failure.ts";
import type { StepResult } from "../../shared/request/step-result.ts";
import { accept, adoptOrRefuse, outcomeUnknown, takenElsewhere, tooLate, unsettled } from "./answers.ts";
import { type CreateMeshSeams, isLate, type Run, startRun } from "./run.ts";

/**
 * The first step of a create: makes sure that exactly one mesh of this request exists and answers with its uid.
 * It can be run again at any time, since it looks before it asks: a mesh that an earlier run of the same request
 * has made is adopted, anybody else's is refused and never touched. Answers 200 with `mesh`, 409, 422 for an
 * adopted mesh that has failed, 503, 504, or the status of a permanent error; never throws.
 */
export async function createMesh(input: unknown, seams: CreateMeshSeams): Promise<StepResult> {
  return answerStep(input, ["create"], seams, async (request) => {
    const { body, warnings } = expandMesh(request.mesh);
    const result = await ensureMesh(startRun(request, body, seams));
    const all = [...warnings, ...(result.warnings ?? [])];
    return { ...result, ...(all.length > 0 && { warnings: all }) };
  });
}

async function ensureMesh(run: Run): Promise<StepResult> {
  if (isLate(run)) return afterDeadline(run);
  const before = await look(run);
  if (before.outcome !== "absent") return adoptOrRefuse(run, before);

  const created = await create(run);
  if ("mesh" in created) return accept(run, created.mesh);

  const conflict = created.doubt instanceof ApiError && created.doubt.status === 409;
  const graceMs = conflict ? run.conflictGraceMs : run.ambiguousGraceMs;
  const after = await lookAgain(run, graceMs).catch((error: unknown) => unknown(error));
  if (after.outcome === "ours" || after.outcome === "foreign") return adoptOrRefuse(run, after);
  if (isLate(run)) return tooLate(run, `Whether it was created is not known: ${created.doubt.message}`);
  if (after.outcome === "unknown") return unsettled(run, after.error);
  return conflict ? takenElsewhere(run, created.doubt) : outcomeUnknown(run, created.doubt);
}

/** Asks for the mesh. `doubt` is why it may exist although no proper answer says so; a clear refusal is thrown. */
async function create({
  asm,
  request,
  body,
  signal,
  logger,
}: Run): Promise<{ mesh: Mesh } | { doubt: Error }> {
  try {
    const { mesh } = await asm.createMesh(body, changeOptions(request, signal));
    return mesh.metadata.uid ? { mesh } : { doubt: new Error("The answer to the create has no uid.") };
  } catch (error) {
    if (signal?.aborted) return { doubt: new Error("Stopped before the answer came.") };
    if (!(error instanceof Error) || isRefusal(error)) throw error;
    logger?.warn({ mesh: body.metadata.name, error: error.message }, "looking whether the mesh exists");
    return { doubt: error };
  }
}

/** The service or the client said no: no mesh can have come of it. An error that nobody knows says no such thing. */
function isRefusal(error: Error & { retryable?: boolean }): boolean {
  return !mustReconcile(error) && (error instanceof ApiError || error.retryable === false);
}

async function look({ asm, request, body, now, startedAt, signal }: Run): Promise<CreateOutcome> {
  const options = lookOptions(Date.parse(request.deadline), now(), signal);
  const { meshes, serverTime } = await asm.listMeshes(options);
  // a request that says it comes from the future was written by a clock that is ahead of this one
  const requestedAt = new Date(Math.min(Date.parse(request.requestedAt), startedAt)).toISOString();
  return reconcileCreate(meshes, body, { requestedAt, clockOffsetMs: clockOffsetMs(serverTime, now()) });
}

/**
 * Looks until the mesh is there, for `graceMs` or until the deadline, with a last look at the end: a list may lag
 * behind. `unknown` when even the last look failed.
 */
async function lookAgain(run: Run, graceMs: number): Promise<CreateOutcome | ReturnType<typeof unknown>> {
  const end = run.now() + Math.min(graceMs, msToDeadline(run.request, run.now()));
  for (let intervalMs = 2000; ; intervalMs = Math.min(intervalMs * 1.5, 10_000)) {
    const found = await look(run).catch((error: unknown) => {
      if (run.signal?.aborted || !isTransient(error)) throw error;
      return unknown(error);
    });
    const left = end - run.now();
    if (found.outcome === "ours" || found.outcome === "foreign" || left <= 0) return found;
    await run.sleep(Math.min(intervalMs * (0.8 + 0.4 * run.random()), left), run.signal);
  }
}

function unknown(error: unknown) {
  return { outcome: "unknown", error } as const;
}

/** Nothing is asked for any more, but what an earlier run has made is still reported. */
async function afterDeadline(run: Run): Promise<StepResult> {
  const found = await look(run).catch(() => undefined);
  if (found?.outcome !== "ours") return tooLate(run, "No mesh was asked for any more.");
  const adopted = adoptOrRefuse(run, found);
  const phase = found.mesh.status?.phase;
  if (adopted.statusCode !== 200 || phase === "Running") return adopted;
  return { ...adopted, ...tooLate(run, `The mesh exists and is ${phase ?? "in no phase"}.`) };
}
