import { Command } from "commander";
import { summariseMesh } from "../../../shared/request/step-result.ts";
import type { ExecutionSummary, Runner } from "../../runner/runner.ts";
import { compose } from "../composition.ts";
import { action, type Context, writeJson } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { openRunner } from "../open-runner.ts";
import { withExample, withJson } from "../options.ts";
import { outcomeOf, requestOf } from "../outcome.ts";
import { meshText } from "../output/mesh-text.ts";
import { runTable, runText } from "../output/run-text.ts";
import { findMesh, noSuchMesh } from "../resolve-mesh.ts";
import { allRunIds, findRunId, looksLikeRunId } from "../run-id.ts";
import { missingSettings } from "../settings.ts";

/** `status`: how a mesh or a request stands. */
export function statusVerb(context: Context): Command {
  const verb = new Command("status")
    .summary("how a mesh or a request stands now")
    .description(
      "Shows how a mesh stands in ASM now, with the requests in this journal that are about it; or, for a run id, " +
        "how that request stands. A mesh of exactly that name comes before a run whose id begins so.",
    )
    .argument("<mesh-or-run>", "name or uid of a mesh, or a run id")
    .action(
      action(context, (subject: string, options: { json?: true }) => status(context, subject, options)),
    );
  return withExample(withJson(verb), "meshflow status prod-mesh");
}

async function status(context: Context, subject: string, { json }: { json?: true }) {
  const config = context.config();
  const runner = openRunner(context, config);
  try {
    const mayBeRun = looksLikeRunId(subject) && allRunIds(runner).some((id) => id.startsWith(subject));
    const mayBeMesh = !/^\d|^[0-9a-f]{32}$/.test(subject) || subject.includes("-");
    if (mayBeRun && (!mayBeMesh || missingSettings(config).length > 0))
      return showRun(context, runner, subject, json);
    if (!mayBeMesh) findRunId(subject, allRunIds(runner));
    const { asm } = await compose(config, context);
    const found = await findMesh(asm, subject);
    if ("mesh" in found) return showMesh(context, runner, summariseMesh(found.mesh), json);
    if (mayBeRun) return showRun(context, runner, subject, json);
    throw noSuchMesh(subject, found.names);
  } finally {
    await runner.close();
  }
}

function showRun(context: Context, runner: Runner, text: string, json: true | undefined) {
  const { out } = context.terminal;
  const summary = runner.get(findRunId(text, allRunIds(runner)))!;
  const outcome = outcomeOf(summary, runner.history(summary.id), context.now());
  if (json) writeJson(context, { run: { ...outcome, ...(summary.owner && { owner: summary.owner }) } });
  else out.line(runText(summary, outcome, context.now(), out));
  return exitCodes.ok;
}

function showMesh(
  context: Context,
  runner: Runner,
  mesh: ReturnType<typeof summariseMesh>,
  json: true | undefined,
) {
  const { out } = context.terminal;
  const now = context.now();
  const runs = runner
    .list({ limit: 10_000 })
    .map((summary) => [summary, outcomeOf(summary, runner.history(summary.id), now)] as const)
    .filter(([summary, outcome]) => isAbout(summary, outcome.mesh.uid, mesh))
    .slice(0, 5);
  if (json) {
    writeJson(context, { mesh, runs: runs.map(([, outcome]) => outcome) });
    return exitCodes.ok;
  }
  out.line(meshText(mesh, now, out.colors));
  if (runs.length > 0) out.line(`\n${runTable(runs, now, out)}`);
  return exitCodes.ok;
}

/** A run whose mesh is known by uid is about that mesh; one that has no uid yet, about the name. */
function isAbout(
  summary: ExecutionSummary,
  uid: string | undefined,
  mesh: { name: string; uid?: string },
): boolean {
  if (uid !== undefined) return uid === mesh.uid;
  const asked = requestOf(summary).mesh as { name?: string; metadata?: { name?: string } } | undefined;
  return (asked?.metadata?.name ?? asked?.name) === mesh.name;
}
