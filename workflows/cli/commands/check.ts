import { Command, Option } from "commander";
import { checkDefinition, type Finding } from "../../check-definition.ts";
import { builtInFlows } from "../built-in-flows.ts";
import { action, type Context, writeJson } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { lineOf } from "../line-of.ts";
import { duration, withExample, withJson } from "../options.ts";
import { parseJson, readText } from "../read-file.ts";

interface CheckOptions {
  deadline: number;
  json?: true;
}

/** `check`: looks for faults in flow files. */
export function checkVerb(context: Context): Command {
  const verb = new Command("check")
    .summary("look for faults in flow files")
    .description(
      "Looks for faults in flow files: names that do not exist, loops, states that are never reached, a time " +
        "budget that is too short. Without a file: the two flows that meshflow comes with.",
    )
    .argument("[file...]", "flow definitions (JSON)")
    .addOption(
      new Option("--deadline <duration>", "time that a flow's polling has to cover")
        .argParser(duration)
        .default(30 * 60_000, "30m"),
    )
    .action(action(context, (files: string[], options: CheckOptions) => check(context, files, options)));
  return withExample(withJson(verb), "meshflow check workflows/create-mesh.json");
}

function check(context: Context, files: string[], options: CheckOptions) {
  const { out } = context.terminal;
  const subjects = files.length > 0 ? files.map(readFlow) : Object.entries(builtInFlows).map(named);
  const checked = subjects.map(({ file, text, json }) => ({
    file,
    findings: checkDefinition(json, { file, deadlineSeconds: options.deadline / 1000 }).map((finding) => ({
      ...finding,
      ...lineOf(text, finding),
    })),
  }));
  const findings = checked.flatMap((one) => one.findings);
  const errors = findings.filter(({ level }) => level === "error").length;
  if (options.json)
    writeJson(context, { ok: errors === 0, files: checked.map(({ file }) => file), findings });
  else {
    for (const finding of findings) out.line(render(finding, out.colors));
    for (const one of checked) {
      if (one.findings.length === 0) out.line(`${out.colors.green("ok")}  ${one.file}`);
    }
  }
  return errors > 0 ? exitCodes.usage : exitCodes.ok;
}

function render(finding: Finding & { line?: number }, colors: Context["terminal"]["out"]["colors"]): string {
  const where = finding.line === undefined ? finding.file : `${finding.file}:${finding.line}`;
  const level = finding.level === "error" ? colors.red("error") : colors.yellow("warning");
  const state = finding.state === undefined ? "" : ` state "${finding.state}":`;
  return `${where}: ${level}:${state} ${finding.message}\n    ${colors.dim("fix:")} ${finding.fix}`;
}

interface Flow {
  file: string;
  text: string;
  json: unknown;
}

const named = ([name, json]: [string, unknown]): Flow => ({ file: `${name} (built in)`, text: "", json });

function readFlow(file: string): Flow {
  const text = readText(file);
  return { file, text, json: parseJson(text, file) };
}
