import { Command } from "commander";
import { action, type Context, writeJson } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { openRunner } from "../open-runner.ts";
import { withExample, withJson } from "../options.ts";
import { outcomeOf } from "../outcome.ts";
import { findRun, runArgument, shortRunId } from "../run-id.ts";

/** `cancel`: gives a request up. */
export function cancelVerb(context: Context): Command {
  const verb = new Command("cancel")
    .summary("give a request up; ASM itself cannot be stopped")
    .description(
      "Gives a request up: no more retries, looks or notifications. ASM has no call to cancel: a mesh that is " +
        "being created goes on being created, and stays until it is deleted.",
    )
    .argument("<run>", runArgument)
    .option("--reason <text>", "why, for the journal")
    .action(
      action(context, (run: string, options: { reason?: string; json?: true }) =>
        cancel(context, run, options),
      ),
    );
  return withExample(withJson(verb), "meshflow cancel 3f9c2b7a41d0");
}

async function cancel(context: Context, text: string, options: { reason?: string; json?: true }) {
  const { out, err } = context.terminal;
  const runner = openRunner(context, context.config());
  try {
    const before = findRun(runner, text);
    const { id } = before;
    const summary = before.status === "running" ? await runner.cancel(id, options.reason) : before;
    const outcome = outcomeOf(summary, runner.history(id), context.now());
    const cancelled = before.status === "running" && summary.status === "cancel";
    if (options.json) writeJson(context, { ok: true, cancelled, ...outcome, exitCode: exitCodes.ok });
    else if (!cancelled)
      out.line(`Run ${shortRunId(id)} has ended already: ${outcome.state}. It stays as it is.`);
    else out.line(`Run ${shortRunId(id)} is cancelled.`);
    if (cancelled && !options.json) err.line(whatGoesOn(outcome));
  } finally {
    await runner.close();
  }
  return exitCodes.ok;
}

/** What cancelling cannot stop, in plain words. */
function whatGoesOn({ action, mesh }: ReturnType<typeof outcomeOf>): string {
  const name = mesh.name ?? "the mesh";
  if (action === "delete")
    return `A delete that ASM has accepted goes on; look with: meshflow status ${mesh.uid ?? name}`;
  if (mesh.uid) {
    return `ASM cannot be stopped: ${name} goes on being ${mesh.phase ?? "Creating"}. Delete it with: meshflow delete ${mesh.uid}`;
  }
  return `No uid of ${name} is known yet. If ASM has the request already, the mesh appears; look with: meshflow status ${name}`;
}
