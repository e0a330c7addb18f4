import type { Runner } from "../runner/runner.ts";
import { CommandError } from "./command-error.ts";
import { exitCodes } from "./exit-codes.ts";

/** The form in which run ids are shown; unique prefixes of 6 and more are accepted. */
export function shortRunId(id: string): string {
  return id.slice(0, 12);
}

export function looksLikeRunId(text: string): boolean {
  return /^[0-9a-f]{6,32}$/.test(text);
}

/** The full id for a full id or a unique prefix. Throws {@link CommandError} when there is none or more than one. */
export function findRunId(text: string, ids: readonly string[]): string {
  if (!looksLikeRunId(text)) {
    throw new CommandError(`"${text}" is no run id: a run id is 6 to 32 of 0-9 and a-f.`, {
      exitCode: exitCodes.usage,
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
