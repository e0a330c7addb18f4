import { isDeepStrictEqual } from "node:util";
import type { MeshRequest } from "../../shared/request/mesh-request.ts";
import { record } from "../../shared/request/step-answer.ts";
import type { ExecutionSummary, Runner } from "../runner/runner.ts";
import { CommandError } from "./command-error.ts";
import type { Target } from "./composition.ts";
import { exitCodes } from "./exit-codes.ts";
import { flowForRequest } from "./flow-for-request.ts";
import { requestOf } from "./outcome.ts";
import { formatDuration } from "./output/duration.ts";
import { shortRunId } from "./run-id.ts";
import type { Session } from "./session.ts";

export interface Started {
  id: string;
  /** False when the request was known already and is followed. */
  created: boolean;
}

/**
 * Starts a request, or joins the run that is at work on it: the one of the same key, else an unfinished one for the
 * same mesh. So a command typed twice is one request. Throws {@link CommandError} when an unfinished run asks for
 * something else under the mesh's name, and the engine's KeyConflictError when the key is another request's.
 */
export async function startRun(
  session: Session,
  request: MeshRequest,
  { keyGiven }: { keyGiven: boolean },
): Promise<Started> {
  const { runner, composition } = session;
  const twin = keyGiven ? undefined : unfinishedTwin(runner, request, composition.target);
  if (twin) {
    const handle = await join(runner, twin);
    session.say(handle.id, joined(twin));
    return { id: handle.id, created: false };
  }
  const handle = await runner.start({
    definition: flowForRequest(request),
    input: { request, target: composition.target },
    key: request.requestId,
    ignoreDifferences: ["$.request.requestedAt", "$.request.deadline", "$.request.actor"],
  });
  const summary = runner.get(handle.id)!;
  session.say(
    handle.id,
    handle.created
      ? {
          event: "started",
          text: `run ${shortRunId(handle.id)}, key ${handle.key}`,
          data: { run: handle.id, key: handle.key },
        }
      : joined(summary),
  );
  return { id: handle.id, created: handle.created };
}

/** Has this process take part in a run: it goes on here unless another living process works on it. */
export async function join(runner: Runner, { id, input, key }: ExecutionSummary) {
  const definition = runner.definition(id);
  if (!definition) {
    throw new CommandError(`The flow of run ${shortRunId(id)} cannot be read from the journal.`, {
      exitCode: exitCodes.unexpected,
    });
  }
  return runner.start({ definition, input, key, executionId: id });
}

function unfinishedTwin(runner: Runner, request: MeshRequest, target: Target): ExecutionSummary | undefined {
  const twin = runner
    .list({ status: "running", limit: 10_000 })
    .find(
      (run) => aim(requestOf(run)) === aim(request) && isDeepStrictEqual(record(run.input).target, target),
    );
  if (twin && request.action === "create" && !isDeepStrictEqual(requestOf(twin).mesh, request.mesh)) {
    throw new CommandError(
      `${aim(request).split(" ")[1]} is being created already, with other settings (run ${shortRunId(twin.id)}).`,
      { exitCode: exitCodes.conflict, next: `Go on with that one: meshflow resume ${shortRunId(twin.id)}` },
    );
  }
  return twin;
}

/** What two requests have to share to be about the same thing: `create NAME`, `delete UID`. */
function aim(request: Record<string, unknown> | MeshRequest): string {
  const mesh = record(request.mesh);
  return `${request.action} ${record(mesh.metadata).name ?? mesh.uid ?? mesh.name}`;
}

function joined({ id, key, status, startedAt, updatedAt, owner }: ExecutionSummary) {
  const by = owner?.alive && !owner.self ? `, process ${owner.pid} works on it` : "";
  const since = formatDuration(Math.max(0, updatedAt - startedAt));
  return {
    event: "joined",
    text:
      status === "running"
        ? `this request is known: following run ${shortRunId(id)}${by}`
        : `this request is known: run ${shortRunId(id)} ended after ${since}`,
    data: { run: id, key },
  };
}
