import { Command } from "commander";
import { action, type Context, writeJson } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { openRunner } from "../open-runner.ts";
import { withExample, withJson } from "../options.ts";
import { outcomeOf } from "../outcome.ts";
import { nextStep } from "../output/outcome-text.ts";
import { runText, timelineText } from "../output/run-text.ts";
import { findRun, runArgument } from "../run-id.ts";

/** `show`: one run in full. */
export function showVerb(context: Context): Command {
  const verb = new Command("show")
    .summary("one request in full: what was tried, answered and told")
    .description(
      "Shows one request in full: what was tried and why it waited, what Huawei Cloud answered (code and request " +
        "id), what was seen, who was told, and which process has it. Needs no credentials.",
    )
    .argument("<run>", runArgument)
    .action(action(context, (run: string, options: { json?: true }) => show(context, run, options)));
  return withExample(withJson(verb), "meshflow show 3f9c2b7a41d0");
}

async function show(context: Context, text: string, { json }: { json?: true }) {
  const { out, err } = context.terminal;
  const runner = openRunner(context, context.config());
  try {
    const summary = findRun(runner, text);
    const history = runner.history(summary.id);
    const outcome = outcomeOf(summary, history, context.now());
    if (json) {
      const { owner, input, stateId, attempt, wakeAt } = summary;
      const wake = wakeAt === undefined ? undefined : new Date(wakeAt).toISOString();
      const timeline = history.map(({ at, ...event }) => ({ at: new Date(at).toISOString(), ...event }));
      writeJson(context, { ...outcome, stateId, attempt, wakeAt: wake, owner, input, timeline });
      return exitCodes.ok;
    }
    out.line(runText(summary, outcome, context.now(), out));
    out.line("");
    out.line(timelineText(history, out));
    const next = summary.owner?.alive ? `Watch it: meshflow resume ${text}` : nextStep(outcome);
    if (next) err.line(`\n${err.colors.bold("next:")}  ${next}`);
  } finally {
    await runner.close();
  }
  return exitCodes.ok;
}
