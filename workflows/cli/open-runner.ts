import type { Config } from "../../shared/config.ts";
import { createRunner, type Runner, type RunnerOptions } from "../runner/runner.ts";
import { CommandError } from "./command-error.ts";
import type { Context } from "./context.ts";
import { exitCodes } from "./exit-codes.ts";
import { shortRunId } from "./run-id.ts";

/**
 * Opens the journal and the engine on it, and says on standard error what was found damaged. Without `invoke` the
 * engine only reads, cancels and hands on: it runs nothing. Throws {@link CommandError} when the journal cannot be used.
 */
export function openRunner(
  context: Context,
  config: Config,
  options: Pick<RunnerOptions, "onEvent" | "logger"> & Partial<Pick<RunnerOptions, "invoke" | "adopt">> = {},
): Runner {
  try {
    const runner = createRunner({
      journal: config.journal,
      adopt: "own",
      invoke: runsNothing,
      // a poll mostly sleeps: it must not keep others waiting
      concurrency: 1000,
      ...options,
    });
    tellDamage(context, runner);
    return runner;
  } catch (error) {
    throw new CommandError(`The journal ${config.journal} cannot be opened: ${(error as Error).message}`, {
      exitCode: exitCodes.unexpected,
      next: "Make the folder writable, or set MESHFLOW_JOURNAL to another file.",
      cause: error,
    });
  }
}

const runsNothing: RunnerOptions["invoke"] = async (name) => {
  throw new Error(`this command does not run functions, ${name} neither`);
};

function tellDamage(context: Context, { journal }: Runner): void {
  const { err } = context.terminal;
  const warn = (text: string) => err.line(`${err.colors.yellow("warning:")} ${text}`);
  const { lost, salvaged, damaged } = journal.report;
  if (lost) warn(`The last ${lost.bytes} bytes of the journal were torn and are dropped: ${lost.detail}`);
  if (salvaged) {
    warn(
      `The journal was damaged; ${salvaged.executions} runs were saved, the old file is ${salvaged.movedTo}: ${salvaged.detail}`,
    );
  }
  for (const one of damaged)
    warn(`The record of run ${shortRunId(one.executionId)} is damaged: ${one.detail}`);
}
