import type { Difference } from "./json-difference.ts";

/** Start by key: the key belongs to an execution with another input; the message shows where they differ. */
export class KeyConflictError extends Error {
  override readonly name = "KeyConflictError";
  readonly executionId: string;
  readonly differences: readonly Difference[];

  constructor(key: string, executionId: string, differences: readonly Difference[]) {
    const shown = differences
      .slice(0, 5)
      .map((d) => `  ${d.path}: stored ${show(d.stored)}, given ${show(d.given)}`);
    if (differences.length > 5) shown.push(`  and ${differences.length - 5} more`);
    super(
      `The key "${key}" belongs to execution ${executionId}, which was started with another input:\n${shown.join("\n")}\n` +
        "Use another key for a new execution, or the same input to get the existing one.",
    );
    this.executionId = executionId;
    this.differences = differences;
  }
}

/** No execution of that id in this journal. */
export class UnknownExecutionError extends Error {
  override readonly name = "UnknownExecutionError";

  constructor(id: string, file: string) {
    super(`There is no execution ${id} in the journal ${file}.`);
  }
}

/** The execution is in a state in which what was asked cannot be done (for example redrive of a running one). */
export class ExecutionStateError extends Error {
  override readonly name = "ExecutionStateError";
}

/** The journal cannot be opened: newer than this program, not writable, or in use while it is damaged. */
export class JournalError extends Error {
  override readonly name = "JournalError";
}

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
