import { Command } from "commander";
import { cancelVerb } from "./commands/cancel.ts";
import { checkVerb } from "./commands/check.ts";
import { createVerb } from "./commands/create.ts";
import { deleteVerb } from "./commands/delete.ts";
import { doctorVerb } from "./commands/doctor.ts";
import { graphVerb } from "./commands/graph.ts";
import { listVerb } from "./commands/list.ts";
import { resumeVerb } from "./commands/resume.ts";
import { retryVerb } from "./commands/retry.ts";
import { runsVerb } from "./commands/runs.ts";
import { showVerb } from "./commands/show.ts";
import { statusVerb } from "./commands/status.ts";
import type { Context } from "./context.ts";
import { exitCodeTable } from "./exit-codes.ts";

/** The whole command line of `meshflow`. */
export function createProgram(context: Context): Command {
  const { out, err } = context.terminal;
  const helpVerb = new Command("help")
    .argument("[command]")
    .description("explain a command")
    .helpOption(false)
    .helpGroup("Flows and settings:");
  const program = new Command("meshflow")
    .description("Makes service meshes on Huawei Cloud ASM, and sees each request through to its end.")
    .version(context.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "explain a command")
    .addHelpCommand(helpVerb)
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => out.write(text),
      writeErr: (text) => err.write(text),
      getOutHelpWidth: () => Math.min(out.columns() ?? 100, 110),
      getErrHelpWidth: () => Math.min(err.columns() ?? 100, 110),
      getOutHasColors: () => out.colors.isColorSupported,
      getErrHasColors: () => err.colors.isColorSupported,
      outputError: () => {}, // told once, by main, with the next step
    })
    .addHelpText("after", footer());
  const groups: [string, Command[]][] = [
    ["Meshes:", [createVerb(context), statusVerb(context), listVerb(context), deleteVerb(context)]],
    [
      "Requests (each is one run of a flow, kept in the journal):",
      [runsVerb(context), showVerb(context), resumeVerb(context), retryVerb(context), cancelVerb(context)],
    ],
    ["Flows and settings:", [checkVerb(context), graphVerb(context), doctorVerb(context)]],
  ];
  for (const [heading, verbs] of groups) {
    for (const verb of verbs) program.addCommand(verb.copyInheritedSettings(program).helpGroup(heading));
  }
  return program;
}

function footer(): string {
  return `
Example:
  meshflow create prod-mesh --version 1.18 --cluster CCE_CLUSTER_ID --nodes NODE_ID

Settings come from the environment: HW_REGION_NAME, HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK,
HUAWEICLOUD_SDK_PROJECT_ID. Try them with: meshflow doctor

Exit status:
${exitCodeTable.map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`).join("\n")}`;
}
