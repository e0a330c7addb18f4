import { variableNames } from "../config.ts";
import type { FunctionContext } from "./context.ts";

/**
 * The variables that meshflow knows, each from the first place that has it: the context, which is where an event
 * function finds its user variables, encrypted ones too; their JSON in RUNTIME_USERDATA; the process's environment,
 * where a local run has them.
 */
export function readUserVariables(
  context: Pick<FunctionContext, "getUserData">,
  env: Record<string, string | undefined> = process.env,
): Record<string, string | undefined> {
  const userData = parseUserData(env.RUNTIME_USERDATA);
  return Object.fromEntries(
    variableNames.map((name) => [name, context.getUserData(name) || userData[name] || env[name]]),
  );
}

function parseUserData(json: string | undefined): Record<string, string | undefined> {
  try {
    return JSON.parse(json || "{}") ?? {};
  } catch {
    return {};
  }
}
