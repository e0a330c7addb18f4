import { record } from "../../shared/request/step-answer.ts";
import type { ExecutionSummary, Runner } from "../runner/runner.ts";
import { CommandError } from "./command-error.ts";
import { exitCodes } from "./exit-codes.ts";
import { requestOf } from "./outcome.ts";

/** The form in which run ids are shown; unique prefixes of 6 and more are accepted. */
export function shortRunId(id: string): string {
  return id.slice(0, 12);
}

export function looksLikeRunId(text: string): boolean {
  return /^[0-9a-f]{6,32}$/.test(text);
}

/** What people may type where a run is asked for. */
export const runArgument = "run id or its first 6 characters; or a mesh's name or uid, for its newest run";

/** The run that is meant, see {@link runArgument}. Throws {@link CommandError} when there is none or more than one. */
export function findRun(runner: Runner, text: string): ExecutionSummary {
  const runs = runner.list({ limit: Number.MAX_SAFE_INTEGER });
  const ids = runs.map(({ id }) => id);
  const isId = looksLikeRunId(text) && ids.some((id) => id.startsWith(text));
  const ofMesh = isId ? undefined : runs.find((run) => namesOf(run).includes(text));
  return ofMesh ?? runner.get(findRunId(text, ids))!;
}

/** Name and uid of the mesh that a run is about, as far as they are known. */
function namesOf(run: ExecutionSummary): unknown[] {
  const asked = record(requestOf(run).mesh);
  return [asked.name, record(asked.metadata).name, asked.uid, record(record(run.output).mesh).uid];
}

/** The full id for a full id or a unique prefix. Throws {@link CommandError} when there is none or more than one. */
export function findRunId(text: string, ids: readonly string[]): string {
  if (!looksLikeRunId(text)) {
    throw new CommandError(`No run and no mesh "${text}" in this journal.`, {
      exitCode: exitCodes.notFound,
      next: "See the run ids with: meshflow runs",
    });
  }
  const found = ids.filter((id) => id.startsWith(text));
  if (found.length === 1) return found[0]!;
  if (found.length === 0) {
    throw new CommandError(`No run ${text} in this journal.`, {
      exitCode: exitCodes.notFound,
      next: "See what there is with: meshflow runs",
    });
  }
  throw new CommandError(
    `${found.length} runs begin with ${text}: ${found.slice(0, 4).map(shortRunId).join(", ")}${found.length > 4 ? ", …" : ""}.`,
    { exitCode: exitCodes.usage, next: "Type more of the id." },
  );
}

/** The ids of all runs in the journal. */
export function allRunIds(runner: Runner): string[] {
  return runner.list({ limit: Number.MAX_SAFE_INTEGER }).map(({ id }) => id);
}
