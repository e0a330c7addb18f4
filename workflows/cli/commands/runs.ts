import { Command } from "commander";
import { action, type Context, writeJson } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { openRunner } from "../open-runner.ts";
import { count, oneOf, withExample, withJson } from "../options.ts";
import { type OutcomeWord, outcomeOf, outcomeWords } from "../outcome.ts";
import { runTable } from "../output/run-text.ts";

interface RunsOptions {
  state?: OutcomeWord;
  limit: number;
  json?: true;
}

/** `runs`: the requests in the journal. */
export function runsVerb(context: Context): Command {
  const verb = new Command("runs")
    .summary("the requests in the journal, newest first")
    .description("Lists the requests in this journal, newest first. Needs no credentials.")
    .option("--state <state>", `only those that are ${outcomeWords.join(", ")}`, oneOf(outcomeWords))
    .option("--limit <count>", "how many at most", count, 20)
    .action(action(context, (options: RunsOptions) => runs(context, options)));
  return withExample(withJson(verb), "meshflow runs --state failed");
}

async function runs(context: Context, { state, limit, json }: RunsOptions) {
  const { out, err } = context.terminal;
  const runner = openRunner(context, context.config());
  try {
    const now = context.now();
    const found = runner
      .list({ limit: state ? 10_000 : limit })
      .map((summary) => [summary, outcomeOf(summary, runner.history(summary.id), now)] as const)
      .filter(([, outcome]) => !state || outcome.state === state)
      .slice(0, limit);
    if (json)
      writeJson(context, {
        runs: found.map(([{ owner }, outcome]) => ({ ...outcome, ...(owner && { owner }) })),
      });
    else if (found.length > 0) out.line(runTable(found, now, out));
    else err.line(state ? `No run is ${state}.` : "There is no run yet. Begin with: meshflow create --help");
  } finally {
    await runner.close();
  }
  return exitCodes.ok;
}
