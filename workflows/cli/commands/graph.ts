import { existsSync } from "node:fs";
import { Command } from "commander";
import { flowDefinition } from "../../definition.ts";
import { drawTerminal, mermaid } from "../../graph.ts";
import { builtInFlows } from "../built-in-flows.ts";
import { CommandError } from "../command-error.ts";
import { action, type Context, writeJson } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { nearest } from "../nearest.ts";
import { withExample, withJson } from "../options.ts";
import { parseJson, readText } from "../read-file.ts";

interface GraphOptions {
  mermaid?: true;
  json?: true;
}

/** `graph`: draws a flow. */
export function graphVerb(context: Context): Command {
  const verb = new Command("graph")
    .summary("draw a flow")
    .description("Draws a flow: for the terminal, or as Mermaid text for a README or a wiki page.")
    .argument("[flow]", "create-mesh, delete-mesh or a file", "create-mesh")
    .option("--mermaid", "Mermaid text instead of a drawing")
    .action(action(context, (flow: string, options: GraphOptions) => graph(context, flow, options)));
  return withExample(withJson(verb), "meshflow graph delete-mesh --mermaid");
}

function graph(context: Context, flow: string, options: GraphOptions) {
  const { out } = context.terminal;
  const color = out.colors.isColorSupported;
  const builtIn = Object.hasOwn(builtInFlows, flow);
  if (!builtIn && !existsSync(flow)) throw noSuchFlow(flow);
  const json = builtIn ? builtInFlows[flow as keyof typeof builtInFlows] : parseJson(readText(flow), flow);
  const parsed = flowDefinition.safeParse(json);
  if (!parsed.success) {
    throw new CommandError(`${flow} is not a flow that can be drawn.`, {
      exitCode: exitCodes.usage,
      next: `See what is wrong with it: meshflow check ${flow}`,
    });
  }
  if (options.json) writeJson(context, { flow: parsed.data.name, mermaid: mermaid(parsed.data) });
  else out.line((options.mermaid ? mermaid(parsed.data) : drawTerminal(parsed.data, { color })).trimEnd());
  return exitCodes.ok;
}

function noSuchFlow(flow: string): CommandError {
  const near = nearest(flow, Object.keys(builtInFlows));
  return new CommandError(`There is no flow and no file ${flow}.`, {
    exitCode: exitCodes.usage,
    next: near ? `Did you mean ${near}?` : `The built-in flows: ${Object.keys(builtInFlows).join(", ")}`,
  });
}
