import { Command } from "commander";
import { expandMesh } from "../../../shared/asm/expand.ts";
import { executionId } from "../../../shared/request/execution-id.ts";
import { type MeshRequest, parseMeshRequest } from "../../../shared/request/mesh-request.ts";
import { record } from "../../../shared/request/step-answer.ts";
import type { ExecutionSummary, Runner } from "../../runner/runner.ts";
import { CommandError } from "../command-error.ts";
import { action, type Context } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { follow } from "../follow.ts";
import { duration, withExample, withJson } from "../options.ts";
import { outcomeOf, requestOf } from "../outcome.ts";
import { readDocument } from "../read-file.ts";
import { findRun, runArgument, shortRunId } from "../run-id.ts";
import { requireTarget } from "../run-target.ts";
import { openSession } from "../session.ts";
import { startRun } from "../start-run.ts";

interface RetryOptions {
  file?: string;
  deadline?: number;
  json?: true;
}

/** `retry`: has another go at a request that ended without success. */
export function retryVerb(context: Context): Command {
  const verb = new Command("retry")
    .summary("have another go at a request that ended without success")
    .description(
      "Has another go at a request that failed, timed out or was cancelled. One that stopped half-way goes on from " +
        "the step at which it stopped; one that ran to its end begins anew, and finds the mesh again if it had made one.",
    )
    .argument("<run>", runArgument)
    .option(
      "-f, --file <file>",
      "the corrected mesh as JSON or YAML, short or full form; - reads standard input",
    )
    .option("--deadline <duration>", "give up after this time, such as 30m (default: 30m)", duration)
    .action(action(context, (run: string, options: RetryOptions) => retry(context, run, options)));
  return withExample(
    withJson(verb),
    "meshflow retry 3f9c2b7a41d0",
    "meshflow retry 3f9c2b7a41d0 -f corrected.yaml",
  );
}

async function retry(context: Context, run: string, options: RetryOptions) {
  const document = options.file === undefined ? undefined : await readDocument(context, options.file);
  const session = await openSession(context, { json: options.json });
  try {
    const { runner, composition } = session;
    const summary = findRun(runner, run);
    requireRetryable(summary, runner, context.now());
    requireTarget(summary, composition.target);
    const request = corrected(context, summary, document, options.deadline ?? session.config.deadlineMs);
    const handled = summary.status === "success" || document !== undefined;
    const again = handled ? { ...request, requestId: nextKey(runner, request.requestId) } : request;
    const { id } = handled
      ? await startRun(session, again, { keyGiven: true })
      : await runner.redrive(summary.id, { input: { ...record(summary.output), request } });
    const text = `another go at run ${shortRunId(summary.id)}`;
    if (handled) session.say(id, { event: "retried", text, data: { of: summary.id } });
    return await follow(context, session, [id], { json: options.json, single: true });
  } finally {
    await session.close();
  }
}

function requireRetryable(summary: ExecutionSummary, runner: Runner, now: number): void {
  const id = shortRunId(summary.id);
  const { state } = outcomeOf(summary, runner.history(summary.id), now);
  if (state === "succeeded") {
    throw new CommandError(`Run ${id} has succeeded; there is nothing to retry.`, {
      exitCode: exitCodes.usage,
    });
  }
  if (state === "running") {
    throw new CommandError(`Run ${id} has not ended.`, {
      exitCode: exitCodes.usage,
      next: `Go on with it: meshflow resume ${id}; or give it up first: meshflow cancel ${id}`,
    });
  }
}

/** The stored request with a new deadline and, if given, another mesh; `requestedAt` stays, so its mesh is found again. */
function corrected(
  context: Context,
  summary: ExecutionSummary,
  document: unknown,
  deadlineMs: number,
): MeshRequest {
  const stored = requestOf(summary) as MeshRequest;
  const mesh = document === undefined || stored.action === "delete" ? stored.mesh : expandMesh(document).body;
  const deadline = new Date(context.now() + deadlineMs).toISOString();
  return parseMeshRequest({ ...stored, mesh, deadline });
}

/** `KEY~2`, `KEY~3`…: the first that no run has. */
function nextKey(runner: Runner, key: string): string {
  const base = key.replace(/~\d+$/, "");
  for (let number = 2; ; number++) {
    const candidate = `${base}~${number}`;
    if (!runner.get(executionId(candidate))) return candidate;
  }
}
