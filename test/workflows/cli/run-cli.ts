import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Emulator } from "../../emulator/emulator.ts";

const program = fileURLToPath(new URL("../../../dist/meshflow.js", import.meta.url));

export interface Ran {
  code: number | null;
  out: string;
  err: string;
}

export interface Home {
  folder: string;
  env: Record<string, string>;
  /** Runs `meshflow` with these arguments to its end. */
  meshflow(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Starts it, for tests that interrupt it. */
  start(args: readonly string[], options?: RunOptions): Started;
  remove(): void;
}

export interface RunOptions {
  env?: Record<string, string>;
  input?: string;
}

export interface Started {
  child: ChildProcess;
  /** Resolves when standard error holds the text. */
  says(text: string): Promise<void>;
  ended: Promise<Ran>;
}

/** A home of its own with an empty journal, and settings for the emulator if there is one. */
export function createHome(emulator?: Emulator): Home {
  const folder = mkdtempSync(join(tmpdir(), "meshflow-cli-"));
  const env = { HOME: folder, PATH: process.env.PATH ?? "", ...(emulator && settingsFor(emulator)) };
  const start = (args: readonly string[], options: RunOptions = {}) =>
    run(args, { ...env, ...options.env }, options);
  return {
    folder,
    env,
    start,
    meshflow: (args, options) => start(args, options).ended,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The variables a person would set to use the emulator with an access key. */
export function settingsFor({ url, defaults }: Emulator): Record<string, string> {
  return {
    HW_REGION_NAME: defaults.region,
    HUAWEICLOUD_SDK_AK: defaults.accessKey,
    HUAWEICLOUD_SDK_SK: defaults.secretKey,
    HUAWEICLOUD_SDK_PROJECT_ID: defaults.projectId,
    MESHFLOW_ASM_ENDPOINT: url,
    MESHFLOW_IAM_ENDPOINT: url,
    MESHFLOW_SMN_ENDPOINT: url,
    MESHFLOW_POLL_SECONDS: "0.2",
  };
}

function run(args: readonly string[], env: Record<string, string>, { input }: RunOptions): Started {
  const child = spawn(process.execPath, [program, ...args], { env, stdio: "pipe" });
  child.stdin.on("error", () => {}); // a command that does not read its input closes it
  child.stdin.end(input ?? "");
  let err = "";
  const waiting: { wanted: string; resolve: () => void }[] = [];
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk;
    for (const one of waiting) if (err.includes(one.wanted)) one.resolve();
  });
  const closed = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  return {
    child,
    says: (wanted) =>
      new Promise((resolve, reject) => {
        if (err.includes(wanted)) resolve();
        waiting.push({ wanted, resolve });
        closed.then(() => reject(new Error(`It ended without saying "${wanted}":\n${err}`)));
      }),
    ended: Promise.all([closed, text(child.stdout)]).then(([code, out]) => ({ code, out, err })),
  };
}

/** What the tests ask for again and again. */
export const cluster = "11111111-2222-3333-4444-555555555555";
export const createArgs = (name: string, clusterId = cluster): string[] => [
  "create",
  name,
  "--version",
  "1.18",
  "--cluster",
  clusterId,
  "--nodes",
  "node-a,node-b",
];
