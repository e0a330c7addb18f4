import { Command } from "commander";
import { PHASES } from "../../../shared/asm/phase.ts";
import { summariseMesh } from "../../../shared/request/step-result.ts";
import { compose } from "../composition.ts";
import { action, type Context, writeJson } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { oneOf, withExample, withJson } from "../options.ts";
import { meshTable } from "../output/mesh-text.ts";

interface ListOptions {
  phase?: string;
  json?: true;
}

/** `list`: the meshes of the project. */
export function listVerb(context: Context): Command {
  const verb = new Command("list")
    .summary("the meshes of the project")
    .description("Lists the meshes of the project, as ASM shows them now.")
    .option("--phase <phase>", `only those in this phase: ${PHASES.join(", ")}`, oneOf(PHASES))
    .action(action(context, (options: ListOptions) => list(context, options)));
  return withExample(withJson(verb), "meshflow list --phase Running");
}

async function list(context: Context, { phase, json }: ListOptions) {
  const { out, err } = context.terminal;
  const { asm } = await compose(context.config(), context);
  const answer = await asm.listMeshes();
  const meshes = answer.meshes.map(summariseMesh).filter((mesh) => !phase || mesh.phase === phase);
  if (json) writeJson(context, { meshes });
  else if (meshes.length > 0) out.line(meshTable(meshes, context.now(), out));
  else err.line(phase ? `No mesh is ${phase}.` : "There is no mesh in this project.");
  return exitCodes.ok;
}
