import type { Config } from "../../shared/config.ts";
import type { ExitCode } from "./exit-codes.ts";
import type { Terminal } from "./output/terminal.ts";

/** What a command needs of the world; the entry gives the real one, a test or the demo its own. */
export interface Context {
  terminal: Terminal;
  /** Reads and checks the environment; commands that need no settings never call it. */
  config: () => Config;
  version: string;
  now: () => number;
  fetch: typeof globalThis.fetch;
  /** Calls the listener on each Ctrl-C or SIGTERM until the returned function is called. */
  onInterrupt: (listener: () => void) => () => void;
  /** What the command that ran has to say to the shell. */
  exitCode: ExitCode;
}

/** Wraps a command's work: what it returns becomes the exit status. */
export function action<A extends unknown[]>(
  context: Context,
  work: (...args: A) => ExitCode | Promise<ExitCode>,
): (...args: A) => Promise<void> {
  return async (...args) => {
    context.exitCode = await work(...args);
  };
}

/** Writes the one JSON document of a `--json` command. */
export function writeJson(context: Context, document: unknown): void {
  context.terminal.out.line(JSON.stringify(document, undefined, context.terminal.out.isTTY ? 2 : undefined));
}
