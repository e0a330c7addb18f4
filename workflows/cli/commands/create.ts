import { randomUUID } from "node:crypto";
import { Command } from "commander";
import { expandMesh, InvalidMeshError } from "../../../shared/asm/expand.ts";
import { type MeshRequest, parseMeshRequest } from "../../../shared/request/mesh-request.ts";
import { action, type Context, writeJson } from "../context.ts";
import { planCreate } from "../dry-run.ts";
import { exitCodes } from "../exit-codes.ts";
import { flowForRequest } from "../flow-for-request.ts";
import { follow } from "../follow.ts";
import { faultsAsOptions, type MeshFlags, meshInput } from "../mesh-input.ts";
import { duration, keyValue, list, withExample, withJson } from "../options.ts";
import { plannedText } from "../output/planned-text.ts";
import { readDocument } from "../read-file.ts";
import { openSession } from "../session.ts";
import { missingSettings } from "../settings.ts";
import { startRun } from "../start-run.ts";
import { userName } from "../user-name.ts";

interface CreateOptions extends MeshFlags {
  file?: string;
  deadline?: number;
  requestId?: string;
  dryRun?: true;
  json?: true;
}

/** `create`: asks for a mesh and waits until it runs or has failed. */
export function createVerb(context: Context): Command {
  const verb = new Command("create")
    .summary("make a mesh and wait until it runs")
    .description(
      "Makes a mesh and waits until it runs or has failed. Safe to repeat: a mesh that this request has already " +
        "made is found again, never made twice, and a mesh of somebody else is never touched.",
    )
    .argument("[name]", "name of the mesh: 4 to 64 of a-z 0-9 -, beginning with a letter")
    .option("--version <version>", "version of the mesh, such as 1.18 or 1.18.7-r5 (default: the newest)")
    .option("--cluster <id>", "id of the CCE cluster")
    .option("--nodes <ids>", "CCE nodes to install on: a,b (two, in different zones, for availability)", list)
    .option("--namespaces <names>", "namespaces whose pods get a sidecar: a,b", list)
    .option("--ipv6", "switch IPv6 on (mesh 1.18 and newer)")
    .option("--tag <key=value>", "tag of the mesh; may be repeated", keyValue)
    .option("-f, --file <file>", "the mesh as JSON or YAML, short or full form; - reads standard input")
    .option("--deadline <duration>", "give up after this time, such as 30m (default: 30m)", duration)
    .option(
      "--key, --request-id <key>",
      "idempotency key: the same key is the same request (default: random)",
    )
    .option("--dry-run", "show the exact HTTP request and call nothing")
    .action(
      action(context, (name: string | undefined, options: CreateOptions) => create(context, name, options)),
    );
  return withExample(
    withJson(verb),
    "meshflow create prod-mesh --version 1.18 --cluster CCE_CLUSTER_ID --nodes NODE_A,NODE_B",
    "meshflow create -f mesh.yaml --dry-run",
  ).addHelpText("after", notes);
}

async function create(context: Context, name: string | undefined, options: CreateOptions) {
  const document = options.file === undefined ? undefined : await readDocument(context, options.file);
  const input = meshInput(document as Record<string, unknown> | undefined, name, options);
  const { body, warnings } = expand(input, document !== undefined);
  const config = context.config();
  const request = parseMeshRequest(
    { action: "create", mesh: body },
    {
      now: context.now,
      requestId: options.requestId ?? `cli-${randomUUID()}`,
      deadlineMs: options.deadline ?? config.deadlineMs,
      actor: { source: "cli", name: userName() },
    },
  );
  flowForRequest(request); // a deadline that cannot be kept is told before anything is opened
  if (options.dryRun) return dryRun(context, request, warnings, options);
  const session = await openSession(context, { json: options.json, config });
  for (const text of warnings) session.progress.say({ event: "warning", text: `warning: ${text}` });
  try {
    const started = await startRun(session, request, { keyGiven: options.requestId !== undefined });
    return await follow(context, session, [started.id], { json: options.json, single: true, told: warnings });
  } finally {
    await session.close();
  }
}

/** The body to send; the faults of a mesh without a file are told in the words of the options. */
function expand(input: unknown, fromFile: boolean): ReturnType<typeof expandMesh> {
  try {
    return expandMesh(input);
  } catch (error) {
    if (error instanceof InvalidMeshError && !fromFile) throw faultsAsOptions(error);
    throw error;
  }
}

async function dryRun(context: Context, request: MeshRequest, warnings: string[], options: CreateOptions) {
  if (request.action !== "create") throw new TypeError("only a create can be tried dry");
  const config = context.config();
  const planned = await planCreate(config, request.mesh, context.now);
  const unset = missingSettings(config).map(
    ({ variables }) => `${variables}: not set, placeholders stand here`,
  );
  const told = [...warnings, ...unset];
  const { smnTopicUrn, webhookUrl } = config.notify;
  const tells = [smnTopicUrn, webhookUrl && `the webhook at ${new URL(webhookUrl).host}`].filter(
    (one) => one,
  );
  const plan = [
    `send this, unless ${request.mesh.metadata.name} has been made by the same request before`,
    "look at the mesh until it is Running or has failed",
    tells.length > 0
      ? `tell ${tells.join(" and ")} how it ended`
      : "tell nobody else: no SMN topic and no webhook is set",
    `give up at ${request.deadline}`,
  ];
  if (options.json) writeJson(context, { dryRun: true, request: planned, warnings: told, plan });
  else context.terminal.out.line(plannedText(planned, told, plan, context.terminal.out.colors));
  return exitCodes.ok;
}

const notes = `
A mesh file in the short form (the full form is the body of the ASM API's CreateMesh):
  name: prod-mesh
  version: "1.18"
  clusters:
    - id: CCE_CLUSTER_ID
      nodes: [NODE_A, NODE_B]
      namespaces: [default]

The request is kept in the journal and runs in this process. When the process ends before the mesh
is there, type the same command again, or: meshflow resume`;
