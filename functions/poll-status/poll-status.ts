import { sleep as realSleep } from "../../shared/huaweicloud/sleep.ts";
import type { MeshRequest } from "../../shared/request/mesh-request.ts";
import {
  answerStep,
  failed,
  lookOptions,
  msToDeadline,
  type WaitingStepSeams,
} from "../../shared/request/step-answer.ts";
import { describeObserved, type StepResult, stepResult } from "../../shared/request/step-result.ts";
import { judge } from "./judge.ts";
import { observe } from "./observe.ts";
import { known, startTrack, type Track } from "./track.ts";

export interface PollStatusSeams extends WaitingStepSeams {
  /** First wait between two looks, in ms; it grows by half each time. */
  intervalMs?: number;
  maxIntervalMs?: number;
  /** Called after each look: `phase` is the mesh's, or `notFound`, or `unreachable`. */
  onObserved?: (observed: { phase: string; at: number }) => void;
}

/**
 * Looks at the mesh until it is what the request wants (200), has failed (4xx), `waitSeconds` are over (202: call
 * again with the `mesh`, `observed` and `warnings` of this answer) or the deadline has passed (504). There is
 * always a last look at the end of the wait and at the deadline. Single failed looks are borne: 503 comes after
 * more than 10 in a row or 5 min of them. Never throws.
 */
export async function pollStatus(input: unknown, seams: PollStatusSeams): Promise<StepResult> {
  return answerStep(input, ["create", "delete"], seams, async (request, fields) => {
    const { now = Date.now, sleep = realSleep, random = Math.random, signal } = seams;
    const { intervalMs = 10_000, maxIntervalMs = Math.max(30_000, intervalMs) } = seams;
    const waitSeconds = fields.waitSeconds ?? defaultWaitSeconds;
    if (typeof waitSeconds !== "number" || !(waitSeconds >= 0)) return badWait(request, waitSeconds);

    const track = startTrack(request, fields);
    const end = now() + Math.min(waitSeconds, maxWaitSeconds) * 1000;
    for (let interval = intervalMs; ; interval = Math.min(interval * 1.5, maxIntervalMs)) {
      const result = await look(track, seams, now, Math.min(end, Date.parse(request.deadline)));
      if (result) return result;
      const toDeadline = msToDeadline(request, now());
      if (toDeadline === 0) return expired(track);
      const left = Math.min(end - now(), toDeadline);
      if (left <= 0) return stepResult.pending(request, known(track));
      try {
        await sleep(Math.min(interval * (0.8 + 0.4 * random()), left), signal);
      } catch (error) {
        return { ...failed(request, error, { signal }), ...known(track) };
      }
    }
  });
}

const defaultWaitSeconds = 60;
const maxWaitSeconds = 600;

/** One look, its retries included over by `end`, and what it means: a result, or nothing while waiting goes on. */
async function look(
  track: Track,
  seams: PollStatusSeams,
  now: () => number,
  end: number,
): Promise<StepResult | undefined> {
  const { asm, signal, logger, onObserved } = seams;
  try {
    const seen = await observe(asm, track.request, track.mesh.uid, lookOptions(end, now(), signal));
    const phase = seen.kind === "seen" ? (seen.mesh.status?.phase ?? "noPhase") : seen.kind;
    const times = Object.hasOwn(track.observed, phase) ? track.observed[phase]! : 0;
    track.observed[phase] = times + 1;
    const result = judge(track, seen, now());
    logger?.debug({ mesh: track.mesh.name, uid: track.mesh.uid, phase }, "looked at the mesh");
    onObserved?.({ phase, at: now() });
    return result;
  } catch (error) {
    return { ...failed(track.request, error, { signal }), ...known(track) };
  }
}

function expired(track: Track): StepResult {
  const { request, mesh, observed } = track;
  const { phase, updatedAt, createdAt } = mesh;
  const since = updatedAt ?? createdAt;
  const last = phase ? `; last phase ${phase}${since ? ` since ${since}` : ""}` : "";
  return stepResult.expired(request, {
    ...known(track),
    error: {
      code: "DEADLINE_PASSED",
      message: `The deadline ${request.deadline} of the ${request.action} of ${mesh.name} has passed. Seen: ${describeObserved(observed)}${last}.`,
      hint: "Nothing was undone: the mesh may still get there by itself. Look at it before you ask again.",
    },
  });
}

function badWait(request: MeshRequest, waitSeconds: unknown): StepResult {
  return stepResult.permanent(request, 400, {
    error: {
      code: "INVALID_REQUEST",
      message: `The input is not valid:\n  waitSeconds: must be a number of seconds, not ${JSON.stringify(waitSeconds)}`,
    },
  });
}
