import { Command } from "commander";
import { action, type Context, writeJson } from "../context.ts";
import { type Check, examine } from "../doctor.ts";
import { exitCodes } from "../exit-codes.ts";
import { withExample, withJson } from "../options.ts";

/** `doctor`: tries everything that a request needs. */
export function doctorVerb(context: Context): Command {
  const verb = new Command("doctor")
    .summary("try settings, credentials, permissions and the journal")
    .description(
      "Tries everything that a request needs: settings, the address of ASM, this machine's clock, credentials and " +
        "permission (one call that lists the meshes), and the journal. Changes nothing.",
    )
    .action(action(context, (options: { json?: true }) => doctor(context, options)));
  return withExample(withJson(verb), "meshflow doctor");
}

async function doctor(context: Context, { json }: { json?: true }) {
  const { out } = context.terminal;
  const checks: Check[] = [];
  for await (const check of examine(context)) {
    checks.push(check);
    if (!json) out.line(render(check, out.colors));
  }
  const worst = Math.max(...checks.map(({ exitCode }) => exitCode ?? exitCodes.ok));
  const failed = checks.filter(({ state }) => state === "failed");
  if (json) writeJson(context, { ok: failed.length === 0, exitCode: worst, checks });
  return (failed[0]?.exitCode ?? exitCodes.ok) as typeof exitCodes.ok;
}

function render({ name, state, found, fix }: Check, colors: Context["terminal"]["out"]["colors"]): string {
  const mark = { ok: colors.green("ok  "), failed: colors.red("FAIL"), skipped: colors.dim("-   ") }[state];
  const line = `${mark}  ${name.padEnd(12)} ${found.replaceAll("\n", `\n${" ".repeat(19)}`)}`;
  return fix ? `${line}\n${" ".repeat(19)}${colors.dim("do:")} ${fix}` : line;
}
