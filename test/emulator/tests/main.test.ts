import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));

describe("npm run emulator", () => {
  it("prints what to export, serves, logs each request and ends on SIGINT", async () => {
    const child = start(
      ...["--fault", "ListMeshes:empty-503:1", "--clock-skew-seconds", "3600", "--writes-per-minute", "10"],
      ...["--reads-per-second", "70", "--retry-after", "5", "--mesh-quota", "3", "--list-delay-seconds", "2"],
    );
    const exports = await until(child.stdout, /MESHFLOW_SMN_ENDPOINT=.*\n/);
    const url = /^export MESHFLOW_ASM_ENDPOINT=(http:\/\/127\.0\.0\.1:\d+)$/m.exec(exports)?.[1];
    expect(exports.match(/^export \w+=/gm)).toEqual([
      "export HW_REGION_NAME=",
      "export HUAWEICLOUD_SDK_AK=",
      "export HUAWEICLOUD_SDK_SK=",
      "export HUAWEICLOUD_SDK_PROJECT_ID=",
      "export MESHFLOW_ASM_ENDPOINT=",
      "export MESHFLOW_IAM_ENDPOINT=",
      "export MESHFLOW_SMN_ENDPOINT=",
    ]);
    const logged = until(child.stderr, /GET \/v1\/p\/meshes .*\n/);
    expect((await fetch(`${url}/v1/p/meshes`)).status).toBe(401);
    expect(await logged).toMatch(/ GET \/v1\/p\/meshes ListMeshes 401 APIGW\.0301 \d+ms by -\n/);
    const state = (await (await fetch(`${url}/_emulator/state`)).json()) as object;
    expect(state).toMatchObject({
      clock: { skewMs: 3_600_000 },
      settings: {
        creatingMs: 20_000,
        deletingMs: 10_000,
        listDelayMs: 2000,
        quotas: { meshes: 3 },
        throttling: {
          reads: { limit: 70, windowMs: 1000 },
          writes: { limit: 10 },
          retryAfterSeconds: 5,
        },
      },
      faults: [{ on: "ListMeshes", fault: "empty-503", left: 1 }],
    });
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("explains itself with --help", async () => {
    const { code, stdout } = await finish("--help");
    expect(code).toBe(0);
    expect(stdout).toContain("Usage: npm run emulator");
    expect(stdout).toContain("lost-answer");
  });

  it.each([
    ["--fault", "NoMesh:lost-answer", "is not an operation"],
    ["--creating-seconds", "soon", "must be a number"],
    ["--colour", "red", "Unknown option"],
  ])("refuses %s %s with code 1", async (flag, value, message) => {
    const { code, stderr } = await finish(flag, value);
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
  });

  function start(...args: string[]) {
    return spawn(process.execPath, ["--import", "tsx", main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  }

  async function finish(...args: string[]) {
    const child = start(...args);
    const output = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk) => {
      output.stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      output.stderr += chunk;
    });
    const [code] = await once(child, "close");
    return { code, ...output };
  }
});

/** Collects a stream until its text fits. */
function until(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    stream.on("data", (chunk) => {
      text += chunk;
      if (pattern.test(text)) resolve(text);
    });
    stream.on("end", () => reject(new Error(`the stream ended: ${text}`)));
  });
}
