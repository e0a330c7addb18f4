import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { EmulatedMesh } from "./emulator.ts";
import type { Delivered } from "./sink.ts";
import type { PublishedMessage } from "./smn.ts";

export interface EmulatorProcess {
  url: string;
  /** The variables that `npm run emulator` prints for its users. */
  environment: Record<string, string>;
  state(): Promise<{
    meshes: EmulatedMesh[];
    published: PublishedMessage[];
    delivered: Delivered[];
    requests: number;
  }>;
  stop(): Promise<void>;
}

/** Starts the emulator as its users do, in a process of its own, and reads where it is from what it prints. */
export async function startEmulatorProcess(options: string[] = []): Promise<EmulatorProcess> {
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", main, "--quiet", ...options], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const printed = await firstOutput(child);
  const environment = Object.fromEntries(
    [...printed.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [
      name as string,
      value as string,
    ]),
  );
  const url = /is at (http\S+)/.exec(printed)?.[1];
  if (url === undefined) throw new Error(`the emulator did not say where it is: ${printed}`);
  return {
    url,
    environment,
    state: async () => (await fetch(`${url}/_emulator/state`)).json() as never,
    async stop() {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function firstOutput(child: ChildProcess): Promise<string> {
  let text = "";
  for await (const chunk of child.stdout!) {
    text += String(chunk);
    if (text.includes("MESHFLOW_SMN_ENDPOINT")) break;
  }
  return text;
}
