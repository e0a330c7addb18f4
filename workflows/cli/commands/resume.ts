import { Command } from "commander";
import type { ExecutionSummary } from "../../runner/runner.ts";
import { action, type Context, writeJson } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { follow } from "../follow.ts";
import { openRunner } from "../open-runner.ts";
import { withExample, withJson } from "../options.ts";
import { outcomeOf } from "../outcome.ts";
import { nextStep, outcomeText } from "../output/outcome-text.ts";
import { ownerText } from "../output/run-text.ts";
import { findRun, runArgument, shortRunId } from "../run-id.ts";
import { isForTarget, requireTarget } from "../run-target.ts";
import { openSession, type Session } from "../session.ts";
import { join } from "../start-run.ts";

/** `resume`: goes on with what has no living owner. */
export function resumeVerb(context: Context): Command {
  const verb = new Command("resume")
    .summary("go on with requests whose process is gone")
    .description(
      "Goes on with requests whose process is gone (Ctrl-C, crash, reboot), from the very step they had reached, " +
        "and watches them to their ends. With a run id: that one, or watches it where another process has it.",
    )
    .argument("[run]", `${runArgument} (default: all that nobody works on)`)
    .action(
      action(context, (run: string | undefined, options: { json?: true }) => resume(context, run, options)),
    );
  return withExample(withJson(verb), "meshflow resume");
}

async function resume(context: Context, text: string | undefined, { json }: { json?: true }) {
  const found = await lookUp(context, text);
  if (found.length === 0) return nothingToDo(context, json);
  const [only] = found;
  if (text !== undefined && only && only.status !== "running") return tellEnded(context, only, json);
  const session = await openSession(context, { json });
  try {
    const runs = text === undefined ? found.filter((run) => belongsHere(session, run)) : found;
    for (const run of runs) {
      requireTarget(run, session.composition.target);
      await join(session.runner, run);
      session.look(run.id);
      const where = run.owner?.alive
        ? `watching, ${ownerText(run)} works on it`
        : `going on at ${run.stateId}`;
      session.say(run.id, { event: "resumed", text: `run ${shortRunId(run.id)}: ${where}` });
    }
    if (runs.length === 0) return nothingToDo(context, json);
    const ids = runs.map(({ id }) => id);
    return await follow(context, session, ids, { json, single: text !== undefined });
  } finally {
    await session.close();
  }
}

/** The run asked for, or all running ones without a living owner; before anything is composed or called. */
async function lookUp(context: Context, text: string | undefined): Promise<ExecutionSummary[]> {
  const runner = openRunner(context, context.config());
  try {
    if (text !== undefined) return [findRun(runner, text)];
    return runner.list({ status: "running", limit: 10_000 }).filter(({ owner }) => !owner?.alive);
  } finally {
    await runner.close();
  }
}

function belongsHere({ composition, progress }: Session, run: ExecutionSummary): boolean {
  const here = isForTarget(run, composition.target);
  if (!here) {
    progress.say({
      event: "skipped",
      text: `run ${shortRunId(run.id)} is left alone: it belongs to another region or project`,
    });
  }
  return here;
}

function nothingToDo(context: Context, json: true | undefined) {
  if (json) writeJson(context, { ok: true, exitCode: exitCodes.ok, runs: [] });
  else
    context.terminal.err.line(
      "Nothing to resume: every request has ended or has a process that works on it.",
    );
  return exitCodes.ok;
}

async function tellEnded(context: Context, { id }: ExecutionSummary, json: true | undefined) {
  const { out, err } = context.terminal;
  const runner = openRunner(context, context.config());
  const outcome = outcomeOf(runner.get(id)!, runner.history(id), context.now());
  await runner.close();
  if (json) writeJson(context, { ok: outcome.exitCode === exitCodes.ok, ...outcome });
  else {
    out.line(outcomeText(outcome, out));
    const next = nextStep(outcome);
    if (next) err.line(`${err.colors.bold("next:")}  ${next}`);
  }
  return outcome.exitCode;
}
