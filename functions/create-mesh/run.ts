import type { MeshBody } from "../../shared/asm/schema.ts";
import { sleep as realSleep } from "../../shared/huaweicloud/sleep.ts";
import type { Logger } from "../../shared/logger.ts";
import type { CreateRequest } from "../../shared/request/mesh-request.ts";
import { msToDeadline, type WaitingStepSeams } from "../../shared/request/step-answer.ts";

export interface CreateMeshSeams extends WaitingStepSeams {
  /** How long the list may lag behind a POST whose outcome is unknown, in ms. */
  ambiguousGraceMs?: number;
  /**
   * How long the list is read again when a POST is refused because the name is taken, in ms. Short for a request
   * that is new; else an earlier attempt may have made the mesh, and the list gets as long as after a lost answer.
   */
  conflictGraceMs?: number;
}

/** One attempt at a create: its request and everything that it works with. */
export interface Run extends Required<Omit<CreateMeshSeams, "signal" | "logger">> {
  request: CreateRequest;
  body: MeshBody;
  /** When this attempt began. */
  startedAt: number;
  signal: AbortSignal | undefined;
  logger: Logger | undefined;
}

export function startRun(request: CreateRequest, body: MeshBody, seams: CreateMeshSeams): Run {
  const { now = Date.now } = seams;
  const isNew = now() - Date.parse(request.requestedAt) < 1500;
  return {
    request,
    body,
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

export function isLate({ request, now }: Run): boolean {
  return msToDeadline(request, now()) === 0;
}
