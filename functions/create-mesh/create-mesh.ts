import type { AsmClient } from "../../shared/asm/client.ts";
import { diagnose } from "../../shared/asm/diagnosis.ts";
import { expandMesh } from "../../shared/asm/expand.ts";
import { judgePhase } from "../../shared/asm/phase.ts";
import { clockOffsetMs, mustReconcile, reconcileCreate } from "../../shared/asm/reconcile.ts";
import type { Mesh, MeshBody } from "../../shared/asm/schema.ts";
import { ApiError } from "../../shared/huaweicloud/errors.ts";
import { sleep as realSleep } from "../../shared/huaweicloud/sleep.ts";
import type { Logger } from "../../shared/logger.ts";
import type { CreateRequest } from "../../shared/request/mesh-request.ts";
import {
  answerStep,
  changeOptions,
  failed,
  lookOptions,
  msToDeadline,
  type TrackedMesh,
} from "../../shared/request/step-answer.ts";
import { failureOf, isTransient } from "../../shared/request/step-failure.ts";
import { type StepResult, stepResult, summariseMesh } from "../../shared/request/step-result.ts";

export interface CreateMeshSeams {
  asm: AsmClient;
  now?: () => number;
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  random?: () => number;
  signal?: AbortSignal;
  logger?: Logger;
  /** How long the list may lag behind a POST whose outcome is unknown, in ms. */
  ambiguousGraceMs?: number;
  /**
   * How long the list is read again when a POST is refused because the name is taken, in ms. Short for a request
   * that is new; else an earlier attempt may have made the mesh, and the list gets as long as after a lost answer.
   */
  conflictGraceMs?: number;
}

/**
 * The first step of a create: makes sure that exactly one mesh of this request exists and answers with its uid.
 * It can be run again at any time, since it looks before it asks: a mesh that an earlier run of the same request
 * has made is adopted, anybody else's is refused and never touched. Answers 200 with `mesh`, 409, 422 for an
 * adopted mesh that has failed, 503, 504, or the status of a permanent error; never throws.
 */
export async function createMesh(input: unknown, seams: CreateMeshSeams): Promise<StepResult> {
  return answerStep(input, ["create"], seams, async (request) => {
    const { body, warnings } = expandMesh(request.mesh);
    const result = await ensureMesh({ request, body, ...withDefaults(seams, request) });
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
  const after = await lookAgain(run, graceMs).catch((error: unknown) => {
    if (!run.signal?.aborted) throw error;
    return { outcome: "stopped", error } as const;
  });
  if (after.outcome === "stopped") return stopped(run, after.error);
  if (after.outcome === "ours" || after.outcome === "foreign") return adoptOrRefuse(run, after);
  if (isLate(run)) return tooLate(run, `Whether it was created is not known: ${created.doubt.message}`);
  if (after.outcome === "unknown") return failed(run.request, after.error);
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

interface Run extends Required<Omit<CreateMeshSeams, "signal" | "logger">> {
  request: CreateRequest;
  body: MeshBody;
  /** When this attempt began. */
  startedAt: number;
  signal: AbortSignal | undefined;
  logger: Logger | undefined;
}

function withDefaults(seams: CreateMeshSeams, request: CreateRequest): Omit<Run, "request" | "body"> {
  const { now = Date.now } = seams;
  const isNew = now() - Date.parse(request.requestedAt) < 1500;
  return {
    asm: seams.asm,
    now,
    startedAt: now(),
    sleep: seams.sleep ?? realSleep,
    random: seams.random ?? Math.random,
    signal: seams.signal,
    logger: seams.logger,
    ambiguousGraceMs: seams.ambiguousGraceMs ?? 60_000,
    conflictGraceMs: seams.conflictGraceMs ?? (isNew ? 10_000 : 60_000),
  };
}

/** The service or the client said no: no mesh can have come of it. An error that nobody knows says no such thing. */
function isRefusal(error: Error & { retryable?: boolean }): boolean {
  return !mustReconcile(error) && (error instanceof ApiError || error.retryable === false);
}

type Found = ReturnType<typeof reconcileCreate>;

async function look({ asm, request, body, now, startedAt, signal }: Run): Promise<Found> {
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
async function lookAgain(run: Run, graceMs: number): Promise<Found | { outcome: "unknown"; error: unknown }> {
  const end = run.now() + Math.min(graceMs, msToDeadline(run.request, run.now()));
  for (let intervalMs = 2000; ; intervalMs = Math.min(intervalMs * 1.5, 10_000)) {
    const found = await look(run).catch((error: unknown) => {
      if (run.signal?.aborted || !isTransient(error)) throw error;
      return { outcome: "unknown", error } as const;
    });
    const left = end - run.now();
    if (found.outcome === "ours" || found.outcome === "foreign" || left <= 0) return found;
    await run.sleep(Math.min(intervalMs * (0.8 + 0.4 * run.random()), left), run.signal);
  }
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

function adoptOrRefuse(run: Run, found: Exclude<Found, { outcome: "absent" }>): StepResult {
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
function accept({ request, now }: Run, found: Mesh): StepResult {
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
      code: failureCode(phase),
      message: `${mesh.name} (uid ${mesh.uid}): ${reason}`,
      ...(hint && { hint }),
    },
  });
}

function takenElsewhere({ request, body }: Run, { code, message, requestId }: Doubt): StepResult {
  return stepResult.permanent(request, 409, {
    error: {
      code: code ?? "NAME_TAKEN_ELSEWHERE",
      message: `The name ${body.metadata.name} is taken elsewhere: no mesh of this project has it. ${message}`,
      ...(requestId && { requestId }),
      hint: "Names can be unique across the account: look in its other projects, or choose another name.",
    },
  });
}

function outcomeUnknown({ request, body, ambiguousGraceMs }: Run, doubt: Doubt): StepResult {
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

function stopped({ request, body, signal }: Run, reason: unknown): StepResult {
  const { statusCode, error } = failed(request, reason, { signal });
  return {
    statusCode,
    request,
    error: {
      ...error!,
      message: `${error?.message}. Whether ${body.metadata.name} was created is not known.`,
      hint: "Look at the meshes of the project, or run the request again: it looks before it asks.",
    },
  };
}

function tooLate({ request, body }: Run, what: string): StepResult {
  return stepResult.expired(request, {
    error: {
      code: "DEADLINE_PASSED",
      message: `The deadline ${request.deadline} of the create of ${body.metadata.name} has passed. ${what}`,
    },
  });
}

type Doubt = Error & { code?: string; requestId?: string };

function isLate({ request, now }: Run): boolean {
  return msToDeadline(request, now()) === 0;
}

/** `CreateFailed` → `CREATE_FAILED` */
function failureCode(phase = "failed"): string {
  return phase.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}
