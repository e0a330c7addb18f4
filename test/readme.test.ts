import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { variableNames } from "../shared/config.ts";
import { type Emulator, startEmulator } from "./emulator/emulator.ts";

const readme = readFileSync("README.md", "utf8");
const blocks = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, text]) => ({
  language,
  text: text as string,
}));
const shell = blocks
  .filter(({ language }) => language === "sh")
  .flatMap(({ text }) => text.trim().split("\n"));
const scripts = (JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> })
  .scripts;

const folder = mkdtempSync(join(tmpdir(), "meshflow-readme-"));
let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ creatingMs: 300, deletingMs: 300 });
});
afterAll(async () => {
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(program: string, args: string[], env: NodeJS.ProcessEnv, cwd = process.cwd()) {
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += String(chunk);
    });
  }
  const [code] = await once(child, "close");
  return { code: code as number | null, output };
}

describe("the README", () => {
  it("has no shell line that this test does not know", () => {
    const known = /^npx meshflow |^npm ci && npm (run )?(demo|test)$|^(#|[A-Z_]+=)/;
    expect(shell.filter((line) => !known.test(line))).toEqual([]);
  });

  it("names npm scripts that exist", () => {
    const named = [...readme.matchAll(/npm (?:run )?(demo|test|check|bench|emulator|build)\b/g)].map(
      ([, name]) => name as string,
    );
    expect(new Set(named)).toEqual(new Set(["demo", "test", "check", "bench", "emulator", "build"]));
    for (const name of named) expect(scripts).toHaveProperty(name);
  });

  it("lists every variable, and no other", () => {
    const listed = new Set(readme.match(/\b(HUAWEICLOUD_SDK|HW|MESHFLOW)_[A-Z_]+\b/g));
    const read = variableNames.filter((name) => !["XDG_STATE_HOME", "HUAWEICLOUD_SDK_REGION"].includes(name));
    expect([...listed].sort()).toEqual([...read].sort());
  });

  it("has commands that work in their order, on the mesh file it shows", { timeout: 120_000 }, async () => {
    writeFileSync(join(folder, "mesh.yaml"), blocks.find(({ language }) => language === "yaml")?.text ?? "");
    const { accessKey, secretKey, projectId, region } = emulator.defaults;
    const env = {
      HUAWEICLOUD_SDK_AK: accessKey,
      HUAWEICLOUD_SDK_SK: secretKey,
      HUAWEICLOUD_SDK_PROJECT_ID: projectId,
      HW_REGION_NAME: region,
      MESHFLOW_ASM_ENDPOINT: emulator.asmUrl,
      MESHFLOW_POLL_SECONDS: "0.2",
      MESHFLOW_JOURNAL: join(folder, "journal.db"),
      NO_COLOR: "1",
    };
    const commands = shell.filter((line) => line.startsWith("npx meshflow "));
    expect(commands.length).toBeGreaterThanOrEqual(7);
    for (const command of commands) {
      const args = command.split(" ").slice(2);
      const { code, output } = await run(
        process.execPath,
        [resolve("dist/meshflow.js"), ...args],
        env,
        folder,
      );
      expect({ command, code, output }).toEqual({ command, code: 0, output: expect.any(String) });
    }
    expect(emulator.meshes().map(({ name, phase }) => `${name} ${phase}`)).toEqual(["prod-mesh gone"]);
  });

  it("shows the demo as it runs", { timeout: 120_000 }, async () => {
    const { code, output } = await run(process.execPath, ["--import", "tsx", "test/demo/demo.ts"], {
      ...process.env,
      NO_COLOR: "1",
    });
    expect({ code, output }).toEqual({ code: 0, output: expect.any(String) });
    const steps = (text: string) => text.match(/^(\$ meshflow|✓ demo-mesh is \w+|# ).*?(?= \(|$)/gm);
    const shown = blocks.find(({ text }) => text.includes("$ meshflow create demo-mesh"))?.text ?? "";
    expect(steps(shown)).toEqual(steps(output));
  });
});
