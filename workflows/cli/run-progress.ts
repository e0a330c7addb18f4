import type { AttemptEvent } from "../../shared/huaweicloud/api-client.ts";
import { record } from "../../shared/request/step-answer.ts";
import type { Runner, RunnerEvent } from "../runner/runner.ts";
import { outcomeOf, requestOf } from "./outcome.ts";
import { attemptText } from "./output/attempt-text.ts";
import { formatDuration } from "./output/duration.ts";
import { type Note, type Progress, phaseWords, type RunView } from "./output/progress.ts";

/** What is known anew of a run, and what to say about it for good. */
interface News {
  change?: Partial<RunView>;
  note?: Note;
}

/** Turns what the engine, the functions and the API client report into progress of the run it belongs to. */
export class RunProgress {
  readonly #progress: Progress;
  readonly #now: () => number;
  readonly #phases = new Map<string, string>();
  /** Set once the engine is open; before that no event is of a run. */
  runner: Runner | undefined;

  constructor(progress: Progress, now: () => number) {
    this.#progress = progress;
    this.#now = now;
  }

  onEvent(event: RunnerEvent): void {
    const run = event.executionId;
    if (run !== undefined) {
      const result = event.type === "result" ? this.#lastResult(run) : {};
      const phase = record(result.mesh).phase;
      if (typeof phase === "string") this.#phases.set(run, phase);
      this.#tell(run, event.type === "end" ? this.#ended(run) : newsOf(event, result));
    } else if (event.type === "clock-jump" || event.type === "journal-error") {
      this.#progress.say(note(event.type, event.detail ?? event.type));
    }
  }

  /** Says something for good about a run. */
  say(run: string, said: Note): void {
    this.#tell(run, { note: said });
  }

  /** Reads from the journal how a run stands that another process works on, whose events are not told here. */
  look(run: string): void {
    const summary = this.runner?.get(run);
    if (summary?.status !== "running") return;
    const { stateId: state, attempt: attempts, wakeAt: nextAt = 0, output } = summary;
    this.#tell(run, { change: { state, attempts, nextAt, ...phaseOf(record(output)) } });
  }

  onAttempt({ run, retryInMs, ...event }: AttemptEvent & { run?: string }): void {
    if (run === undefined || retryInMs === undefined) return;
    const why = attemptText(event);
    this.#tell(run, {
      change: { why, nextAt: this.#now() + retryInMs },
      note: note("retry", `${why}; next try in ${formatDuration(retryInMs)}`, { retryInMs }),
    });
  }

  onObserved({ run, phase }: { run: string; phase: string }): void {
    const known = this.#phases.get(run) === phase;
    this.#phases.set(run, phase);
    this.#tell(run, {
      change: { phase, why: "", nextAt: 0 },
      ...(!known && { note: note("phase", phaseWords[phase] ?? phase, { phase }) }),
    });
  }

  #ended(run: string): News {
    const summary = this.runner?.get(run);
    if (!this.runner || !summary) return {};
    const { state } = outcomeOf(summary, this.runner.history(run), this.#now());
    return { note: note("ended", state, { state }) };
  }

  #lastResult(run: string): Record<string, unknown> {
    return record(this.runner?.history(run).findLast(({ type }) => type === "result")?.data);
  }

  #tell(run: string, { change, note: said }: News): void {
    const summary = this.runner?.get(run);
    if (!summary) return;
    const request = requestOf(summary);
    const asked = record(request.mesh);
    const mesh = asked.name ?? record(asked.metadata).name ?? asked.uid ?? run.slice(0, 12);
    const known = {
      mesh: String(mesh),
      action: String(request.action),
      startedAt: summary.startedAt,
      state: summary.stateId,
    };
    this.#progress.update(run, { ...known, ...change }, said);
  }
}

function newsOf(event: RunnerEvent, result: Record<string, unknown>): News {
  const { type, stateId: state = "", attempt = 1, wakeAt: nextAt = 0 } = event;
  const detail = event.detail ? `: ${event.detail}` : "";
  switch (type) {
    case "invoke":
      return { change: { state, attempts: attempt, why: "", nextAt: 0 } };
    case "result":
      return { change: { nextAt, ...phaseOf(result) }, ...noteOfResult(state, result) };
    case "failed":
      return { change: { nextAt }, note: note(type, `${state} failed${detail}`) };
    case "retries-exhausted":
      return { note: note(type, `${state} is not tried again, its tries are used up`) };
    case "adopted":
      return { note: note(type, `goes on in this process, at ${state}`) };
    case "redrive":
      return { note: note(type, `goes on from ${state}`) };
    default:
      return {};
  }
}

function noteOfResult(state: string, step: Record<string, unknown>): { note?: Note } {
  const mesh = record(step.mesh);
  const error = record(step.error);
  const status = Number(step.statusCode ?? 200);
  if (state === "notify") return told(step);
  if (status >= 400) {
    const request = error.requestId ? ` (request id ${error.requestId})` : "";
    const text = `${state}: ${[error.code, error.message].filter(Boolean).join(" ")}${request}`;
    return { note: note("answer", text, { statusCode: status, error }) };
  }
  if (!/^(create|delete)-mesh$/.test(state) || typeof mesh.uid !== "string") return {};
  const phase = mesh.phase ? `, ${mesh.phase}` : "";
  return { note: note("accepted", `accepted by ASM, uid ${mesh.uid}${phase}`, { uid: mesh.uid }) };
}

function told(step: Record<string, unknown>): { note?: Note } {
  const deliveries = Array.isArray(step.deliveries) ? step.deliveries.map(record) : [];
  if (deliveries.length === 0) return {};
  const each = deliveries.map(({ destination, status }) => `${destination} ${status}`);
  return { note: note("told", `told: ${each.join(", ")}`, { deliveries }) };
}

function phaseOf(step: Record<string, unknown>): Partial<RunView> {
  const { phase } = record(step.mesh);
  return typeof phase === "string" ? { phase } : {};
}

function note(event: string, text: string, data?: Record<string, unknown>): Note {
  return { event, text, ...(data && { data }) };
}
