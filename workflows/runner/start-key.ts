import { createHash } from "node:crypto";
import { KeyConflictError } from "./errors.ts";
import { readInput } from "./execution-view.ts";
import type { Journal } from "./journal.ts";
import type { ExecutionRow } from "./journal-rows.ts";
import { jsonDifferences } from "./json-difference.ts";

/** The id of an execution that was given none: the first 32 hex digits of its key's SHA-256. */
export function idFromKey(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 32);
}

/** @throws KeyConflictError when the execution that has this key or id was started with something else */
export function assertSameStart(
  journal: Journal,
  row: ExecutionRow,
  given: { key: string; input: unknown; ignoreDifferences?: readonly string[] },
): void {
  if (row.key !== given.key) {
    const path = "the key of this execution id";
    throw new KeyConflictError(given.key, row.id, [{ path, stored: row.key, given: given.key }]);
  }
  const ignored = given.ignoreDifferences ?? [];
  const differences = jsonDifferences(readInput(journal, row.n), given.input).filter(
    ({ path }) =>
      !ignored.some(
        (start) => path === start || path.startsWith(`${start}.`) || path.startsWith(`${start}[`),
      ),
  );
  if (differences.length > 0) throw new KeyConflictError(given.key, row.id, differences);
}
