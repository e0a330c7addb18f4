import { createInterface } from "node:readline/promises";
import { CommandError } from "./command-error.ts";
import type { Context } from "./context.ts";
import { exitCodes } from "./exit-codes.ts";

/**
 * Has a person type `expected` before something is destroyed. Throws a {@link CommandError} when they type
 * something else, and where nobody can be asked, with what to type instead.
 */
export async function confirm(
  context: Context,
  question: string,
  expected: string,
  instead: string,
): Promise<void> {
  const { terminal } = context;
  if (!terminal.interactive) {
    throw new CommandError("Nobody can be asked here (no terminal); nothing was sent.", {
      exitCode: exitCodes.usage,
      next: `If you are sure: ${instead}`,
    });
  }
  const answer = await ask(context, `${question} `);
  if (answer?.trim() === expected) return;
  throw new CommandError(
    answer === undefined
      ? "Not confirmed; nothing was sent."
      : `"${answer.trim()}" is not ${expected}; nothing was sent.`,
    { exitCode: exitCodes.cancelled },
  );
}

/** One line from the terminal; undefined for Ctrl-C or Ctrl-D. */
async function ask({ terminal }: Context, question: string): Promise<string | undefined> {
  const lines = createInterface({ input: terminal.input, output: process.stderr, terminal: true });
  const closed = new Promise<undefined>((resolve) => lines.once("close", () => resolve(undefined)));
  try {
    return await Promise.race([lines.question(question), closed]);
  } finally {
    lines.close();
  }
}
