import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import type { ProcessCommand } from "./runner-process.ts";
import { cleanUp, until } from "./setup.ts";

export interface RunnerProcess {
  pid: number;
  lines: Record<string, unknown>[];
  send(command: ProcessCommand): void;
  /** Waits for a line that has these members. */
  said(members: Record<string, unknown>): Promise<Record<string, unknown>>;
  kill(): Promise<void>;
  exited: Promise<unknown>;
}

/** Starts `runner-process.ts`, bundled once per test file, and waits until it runs. */
export async function spawnRunner(journal: string, log: string, kill?: string): Promise<RunnerProcess> {
  bundle ??= build();
  const child: ChildProcess = spawn(process.execPath, [bundle, journal, log, ...(kill ? [kill] : [])], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const lines: Record<string, unknown>[] = [];
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
    lines.push(JSON.parse(line) as Record<string, unknown>);
  });
  const runner: RunnerProcess = {
    pid: child.pid as number,
    lines,
    exited,
    send: (command) => child.stdin?.write(`${JSON.stringify(command)}\n`),
    async said(members) {
      const fits = (line: Record<string, unknown>) =>
        Object.entries(members).every(([name, value]) => line[name] === value);
      await until(() => lines.some(fits) || child.exitCode !== null);
      const line = lines.find(fits);
      if (!line) throw new Error(`The process ended without saying ${JSON.stringify(members)}.`);
      return line;
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
  cleanUp(() => runner.kill());
  child.stdin?.on("error", () => {});
  await until(() => lines.length > 0 || child.exitCode !== null || child.signalCode !== null);
  return runner;
}

/** The calls in the log: `[pid, execution, state, attempt]`. */
export function calls(log: string): string[][] {
  return readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(" "));
}

let bundle: string | undefined;

function build(): string {
  const outfile = join(mkdtempSync(join(tmpdir(), "meshflow-runner-")), "runner-process.cjs");
  const libsql = createRequire(import.meta.url).resolve("libsql");
  buildSync({
    entryPoints: [fileURLToPath(new URL("./runner-process.ts", import.meta.url))],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    alias: { libsql },
    external: [libsql],
    logLevel: "error",
  });
  return outfile;
}
