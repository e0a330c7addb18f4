import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import pLimit from "p-limit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmulator } from "../emulator/emulator.ts";

const script = "dist/test/request-process.js";
const topic = (project: string) => `urn:smn:cn-north-4:${project}:mesh-events`;
const folder = mkdtempSync(join(tmpdir(), "meshflow-kill-"));

beforeAll(async () => {
  await build({
    entryPoints: ["test/end-to-end/request-process.ts"],
    outfile: script,
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["libsql"],
    banner: {
      js: 'import { createRequire as cr } from "node:module"; const require = cr(import.meta.url);',
    },
    logLevel: "warning",
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  status: string;
  output: {
    statusCode: number;
    mesh: { name: string; uid: string; phase: string };
    deliveries: { status: string }[];
  };
  history: string[];
  commits: number;
  calls: number;
}

describe("a create request survives SIGKILL", () => {
  it("at every journal write and at every call in turn, with one mesh and one notification recorded", {
    timeout: 300_000,
  }, async () => {
    const undisturbed = await tryWith("none");
    const { commits, calls } = undisturbed.ended;
    expect(undisturbed.killed).toBe(false);
    expect(commits).toBeGreaterThanOrEqual(5);
    expect(calls).toBeGreaterThanOrEqual(4);

    const points = [
      ...numbers(commits).flatMap((n) => [`commit:before:${n}`, `commit:after:${n}`]),
      ...numbers(calls).flatMap((n) => [`http:before:${n}`, `http:after:${n}`]),
    ];
    const limit = pLimit(3);
    const results = await Promise.all(points.map((point) => limit(() => tryWith(point))));
    for (const { point, killed, ended, meshes } of results) {
      expect({ point, killed }).toEqual({ point, killed: true });
      expect({ point, meshes }).toEqual({ point, meshes: ["kill-test Running"] });
      expect({ point, status: ended.status, code: ended.output.statusCode }).toEqual({
        point,
        status: "success",
        code: 200,
      });
      expect({ point, ends: count(ended, "end ") }).toEqual({ point, ends: 1 });
      expect({ point, notifications: count(ended, "result notify") }).toEqual({ point, notifications: 1 });
      expect({ point, deliveries: ended.output.deliveries.map(({ status }) => status) }).toEqual({
        point,
        deliveries: ["delivered"],
      });
    }
    console.log(
      `killed at ${points.length} points (${commits} journal writes and ${calls} calls, before and after each): ` +
        `${results.length} requests ended with one mesh, one outcome, one notification recorded`,
    );
  });
});

/** Runs the request against an emulator of its own, killed at the point, and again until it ends. */
async function tryWith(point: string) {
  const emulator = await startEmulator({ creatingMs: 300 });
  const environment = {
    HUAWEICLOUD_SDK_AK: emulator.defaults.accessKey,
    HUAWEICLOUD_SDK_SK: emulator.defaults.secretKey,
    HUAWEICLOUD_SDK_PROJECT_ID: emulator.defaults.projectId,
    HW_REGION_NAME: emulator.defaults.region,
    MESHFLOW_ASM_ENDPOINT: emulator.asmUrl,
    MESHFLOW_SMN_ENDPOINT: emulator.smnUrl,
    MESHFLOW_SMN_TOPIC_URN: topic(emulator.defaults.projectId),
    MESHFLOW_POLL_SECONDS: "0.2",
    MESHFLOW_JOURNAL: join(folder, `${point.replaceAll(":", "-")}.db`),
  };
  const first = await run({ ...environment, KILL_AT: point });
  const last = first.signal === "SIGKILL" ? await run(environment) : first;
  const meshes = emulator.meshes().map(({ name, phase }) => `${name} ${phase}`);
  await emulator.close();
  if (last.code !== 0) throw new Error(`${point}: exit ${last.code} ${last.signal}: ${last.stderr}`);
  return {
    point,
    killed: first.signal === "SIGKILL",
    ended: JSON.parse(last.stdout.trim().split("\n").at(-1) ?? "") as Ended,
    meshes,
  };
}

async function run(env: Record<string, string>) {
  const child: ChildProcess = spawn(process.execPath, [script], { env, stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream]!.on("data", (chunk) => {
      output[stream] += String(chunk);
    });
  }
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { ...output, code, signal };
}

function numbers(upTo: number): number[] {
  return Array.from({ length: upTo }, (_, index) => index + 1);
}

function count({ history }: Ended, start: string): number {
  return history.filter((event) => event.startsWith(start)).length;
}
