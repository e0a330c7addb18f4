import type { Context } from "./context.ts";
import { writeJson } from "./context.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { nextStep, outcomeText } from "./output/outcome-text.ts";
import { shortRunId } from "./run-id.ts";
import type { Session } from "./session.ts";

/**
 * Watches runs to their ends, says how each ended, and gives the exit status: of the one run, or of the worst.
 * Ctrl-C closes the engine cleanly, so that the runs pause where they are, and says how to go on.
 */
export async function follow(
  context: Context,
  session: Session,
  runs: readonly string[],
  options: { json?: true | undefined; single: boolean; told?: readonly string[] },
): Promise<ExitCode> {
  const { runner, progress, interrupted } = session;
  const elsewhere = setInterval(() => {
    for (const run of runs) if (!runner.get(run)?.owner?.self) session.look(run);
  }, 1000);
  try {
    await Promise.all(runs.map((run) => runner.result(run, { signal: interrupted })));
  } catch (error) {
    if (!interrupted.aborted) throw error;
  } finally {
    clearInterval(elsewhere);
  }
  const outcomes = runs.map((run) => outcomeOf(runner.get(run)!, runner.history(run), context.now()));
  const owned = new Map(runs.map((run) => [run, runner.get(run)?.owner]));
  await session.close();
  progress.stop();
  const unfinished = outcomes.filter(({ state }) => state === "running");
  const exitCode =
    unfinished.length > 0 ? exitCodes.interrupted : Math.max(...outcomes.map((one) => one.exitCode));
  if (options.json) {
    const documents = outcomes.map((outcome) => ({
      ok: outcome.state === "succeeded",
      ...outcome,
      exitCode: outcome.state === "running" ? exitCodes.interrupted : outcome.exitCode,
    }));
    writeJson(context, options.single ? documents[0] : { ok: exitCode === 0, exitCode, runs: documents });
  } else {
    for (const outcome of outcomes) tell(context, outcome, options.told);
  }
  for (const { run } of unfinished) {
    tellPaused(context, run, owned.get(run)?.self === false && owned.get(run)?.alive === true);
  }
  return exitCode as ExitCode;
}

function tell(context: Context, outcome: Outcome, told: readonly string[] = []): void {
  const { out, err } = context.terminal;
  if (outcome.state === "running") return;
  const warnings = outcome.warnings.filter((warning) => !told.includes(warning));
  out.line(outcomeText({ ...outcome, warnings }, out));
  const next = nextStep(outcome);
  if (next) err.line(`${err.colors.bold("next:")}  ${next}`);
}

function tellPaused(context: Context, run: string, elsewhere: boolean): void {
  const { err } = context.terminal;
  const id = shortRunId(run);
  err.line(
    elsewhere
      ? `Stopped watching. Another meshflow process goes on with run ${id}.`
      : `Stopped watching: run ${id} is paused, everything so far is kept. It goes on when you type:`,
  );
  err.line(elsewhere ? `Watch it again with: meshflow resume ${id}` : `  meshflow resume ${id}`);
}
