import { type Command, CommanderError } from "commander";
import type { Context } from "./context.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { type Explanation, explain } from "./explain.ts";
import { createProgram } from "./program.ts";

/** Runs one command line (without `node` and the script) and gives its exit status; never throws. */
export async function main(args: readonly string[], context: Context): Promise<ExitCode> {
  try {
    const program = createProgram(context);
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(helpAsOption(args, verbsOf(program)), { from: "user" });
    return context.exitCode;
  } catch (error) {
    const explanation = explain(error);
    if (explanation.message !== "") tell(args, context, explanation, error);
    return explanation.exitCode;
  }
}

/** `help VERB` as `VERB --help`; a wrong verb alone, so that it is told the nearest right one there too. */
function helpAsOption(args: readonly string[], verbs: readonly string[]): readonly string[] {
  const asked = args[0] === "help" ? args.slice(1) : args;
  const [verb] = asked;
  if (verb === undefined || verb.startsWith("-")) return args;
  if (!verbs.includes(verb)) return [verb];
  return args[0] === "help" ? [verb, "--help"] : args;
}

function tell(args: readonly string[], context: Context, explanation: Explanation, error: unknown): void {
  const { err } = context.terminal;
  const { message, exitCode, code, requestId } = explanation;
  const next = explanation.next ?? (error instanceof CommanderError ? helpFor(args, context) : undefined);
  if (args.includes("--json")) {
    const document = { ok: false, exitCode, error: { message, code, requestId, next } };
    context.terminal.out.line(JSON.stringify(document));
  }
  err.line(`${err.colors.red("error:")} ${message}`);
  const answer = [
    code && !message.includes(code) && `code ${code}`,
    requestId && !message.includes(requestId) && `request id ${requestId}`,
  ];
  if (answer.some(Boolean)) err.line(`       Huawei Cloud answered ${answer.filter(Boolean).join(", ")}.`);
  if (next) err.line(`${err.colors.bold("next:")}  ${next}`);
  if (debugging(context) && error instanceof Error && exitCode !== exitCodes.usage) err.line(stackOf(error));
}

function helpFor(args: readonly string[], context: Context): string {
  const verbs = verbsOf(createProgram(context));
  const verb = args.find((arg) => verbs.includes(arg));
  return verb ? `meshflow ${verb} --help` : "meshflow --help";
}

function verbsOf(program: Command): string[] {
  return program.commands.map((command) => command.name());
}

function debugging(context: Context): boolean {
  try {
    return ["debug", "trace"].includes(context.config().logLevel ?? "");
  } catch {
    return false;
  }
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}
