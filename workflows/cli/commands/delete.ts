import { randomUUID } from "node:crypto";
import { Command } from "commander";
import { parseMeshRequest } from "../../../shared/request/mesh-request.ts";
import { type MeshSummary, summariseMesh } from "../../../shared/request/step-result.ts";
import { CommandError } from "../command-error.ts";
import { compose } from "../composition.ts";
import { confirm } from "../confirm.ts";
import { action, type Context, writeJson } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { follow } from "../follow.ts";
import { duration, withExample, withJson } from "../options.ts";
import { meshText } from "../output/mesh-text.ts";
import { resolveMesh } from "../resolve-mesh.ts";
import { openSession } from "../session.ts";
import { startRun } from "../start-run.ts";
import { userName } from "../user-name.ts";

interface DeleteOptions {
  yes?: true;
  dryRun?: true;
  deadline?: number;
  requestId?: string;
  json?: true;
}

/** `delete`: deletes one mesh and waits until it is gone. */
export function deleteVerb(context: Context): Command {
  const verb = new Command("delete")
    .summary("delete a mesh and wait until it is gone")
    .description(
      "Deletes a mesh and waits until it is gone. The name is turned into the mesh's uid first, so a mesh that is " +
        "made again under the same name meanwhile is never deleted.",
    )
    .argument("<mesh>", "name or uid of the mesh")
    .option("-y, --yes", "do not ask; needed where there is no terminal")
    .option("--dry-run", "show the mesh that would be deleted, and delete nothing")
    .option("--deadline <duration>", "give up after this time, such as 30m (default: 30m)", duration)
    .option(
      "--key, --request-id <key>",
      "idempotency key: the same key is the same request (default: random)",
    )
    .action(action(context, (mesh: string, options: DeleteOptions) => remove(context, mesh, options)));
  return withExample(withJson(verb), "meshflow delete prod-mesh --yes");
}

async function remove(context: Context, nameOrUid: string, options: DeleteOptions) {
  const config = context.config();
  const { asm } = await compose(config, context);
  const mesh = summariseMesh(await resolveMesh(asm, nameOrUid));
  if (options.dryRun) return tellPlan(context, mesh, options.json);
  await makeSure(context, mesh, options);
  const request = parseMeshRequest(
    { action: "delete", mesh: { name: mesh.name, ...(mesh.uid && { uid: mesh.uid }) } },
    {
      now: context.now,
      requestId: options.requestId ?? `cli-${randomUUID()}`,
      deadlineMs: options.deadline ?? config.deadlineMs,
      actor: { source: "cli", name: userName() },
    },
  );
  const session = await openSession(context, { json: options.json, config });
  try {
    const { id } = await startRun(session, request, { keyGiven: options.requestId !== undefined });
    return await follow(context, session, [id], { json: options.json, single: true });
  } finally {
    await session.close();
  }
}

async function makeSure(context: Context, mesh: MeshSummary, { yes }: DeleteOptions): Promise<void> {
  const { err } = context.terminal;
  if (!mesh.uid) {
    throw new CommandError(`ASM shows no uid for ${mesh.name}; without it nothing is deleted.`, {
      exitCode: exitCodes.failed,
    });
  }
  if (yes) return;
  err.line(meshText(mesh, context.now(), err.colors));
  await confirm(
    context,
    `Delete it? Type its name to confirm:`,
    mesh.name,
    `meshflow delete ${mesh.uid} --yes`,
  );
}

function tellPlan(context: Context, mesh: MeshSummary, json: true | undefined) {
  const { out } = context.terminal;
  if (json) writeJson(context, { dryRun: true, mesh });
  else {
    out.line(meshText(mesh, context.now(), out.colors));
    out.line(`\nNothing was deleted. Without --dry-run meshflow would delete the mesh with uid ${mesh.uid}.`);
  }
  return exitCodes.ok;
}
