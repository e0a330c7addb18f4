import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseFunctionSettings } from "../../workflows/function-settings.ts";

const run = promisify(execFile);
const names = readdirSync("functions").filter((name) => existsSync(`functions/${name}/handler.ts`));
const workers = ["create-mesh", "delete-mesh", "notify", "poll-status"];
const scratch = mkdtempSync(join(tmpdir(), "meshflow-bundles-"));
const built = join(scratch, "built");
const zipOf = (name: string) => readFileSync(join(built, "functions", `${name}.zip`));
const filesOf = (name: string) => unzipSync(zipOf(name));
const codeOf = (name: string) => Buffer.from(filesOf(name)["index.js"]!).toString();

let printed = "";
beforeAll(async () => {
  printed = (
    await run(process.execPath, [join(process.cwd(), "build.mjs"), "--silent", "--outdir", built], {
      cwd: scratch,
    })
  ).stdout;
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("the build", () => {
  it("makes a bundle of each function", () => {
    expect(names).toEqual(expect.arrayContaining(workers));
    expect(readdirSync(join(built, "functions"))).toEqual(
      expect.arrayContaining(names.map((name) => `${name}.zip`)),
    );
  });

  it("makes the same bytes again, in another folder and time zone too", async () => {
    const copy = join(scratch, "copy");
    for (const each of ["build.mjs", "package.json", "tsconfig.json", "functions", "shared", "workflows"])
      cpSync(each, join(copy, each), { recursive: true });
    symlinkSync(join(process.cwd(), "node_modules"), join(copy, "node_modules"));
    await run(process.execPath, ["build.mjs", "--silent"], {
      cwd: copy,
      env: { ...process.env, TZ: "Pacific/Auckland" },
    });

    for (const name of names)
      expect(readFileSync(join(copy, "dist", "functions", `${name}.zip`)).equals(zipOf(name)), name).toBe(
        true,
      );
  });

  it("prints a line for each function when asked for by hand, and nothing otherwise", async () => {
    const { npm_lifecycle_event: _, npm_config_loglevel: __, ...env } = process.env;
    const build = (more: object) =>
      run(process.execPath, ["build.mjs", "--outdir", join(scratch, "other")], { env: { ...env, ...more } });
    const byHand = await build({});
    const install = await build({ npm_lifecycle_event: "prepare" });

    expect(byHand.stdout.trimEnd().split("\n")).toHaveLength(1 + names.length);
    expect(byHand.stdout).toMatch(/^create-mesh +\d+\.\d KB +\d+\.\d KB$/m);
    expect(install.stdout + printed).toBe("");
  });

  it("keeps beside each zip the map of its code and the account of its bytes", () => {
    for (const name of names) {
      const folder = join(built, "functions", name);
      const map = JSON.parse(readFileSync(join(folder, "index.js.map"), "utf8"));
      const meta = JSON.parse(readFileSync(join(folder, "meta.json"), "utf8"));

      expect(map.sources.some((source: string) => source.endsWith(`functions/${name}/handler.ts`))).toBe(
        true,
      );
      expect(Object.keys(meta.inputs)).toContain(`functions/${name}/handler.ts`);
      expect(readFileSync(join(folder, "index.js"), "utf8")).toBe(codeOf(name));
    }
  });
});

it("lets a stack from the log be read in the source's own lines", async () => {
  const map = join(built, "functions", "create-mesh", "index.js.map");
  const { result, stack } = await inFreshProcess(
    "create-mesh",
    `const lines = [];
    const write = process.stdout.write.bind(process.stdout);
    process.stdout.write = (line) => void lines.push(JSON.parse(line));
    const texts = { getRemainingTimeInMilliSeconds: 60000, getProjectID: "p" };
    const context = new Proxy({ getUserData: () => "" }, { get: (target, key) => target[key] ?? (() => texts[key] ?? "") });
    loaded.handler({}, context).then((result) => write(JSON.stringify({ result, stack: lines[0].err.stack })));`,
  );
  const symbolize = run(process.execPath, ["workflows/deploy/bundle/symbolize.mjs", map]);
  symbolize.child.stdin?.end(stack);
  const lines = (await symbolize).stdout.split("\n");

  expect(result.error.message).toMatch(/^The function does not know its region/);
  expect(lines[1]).toMatch(/at .* \(shared\/handler\/asm-for\.ts:\d+:\d+\)$/);
  expect(stack).not.toContain("asm-for.ts");
});

describe.each(names)("the zip of %s", (name) => {
  it("holds one CommonJS index.js and the licences, no package.json, no map", () => {
    expect(Object.keys(filesOf(name)).sort()).toEqual(["LICENSES.txt", "index.js"]);
  });

  it("has no ESM syntax: it runs as a script", async () => {
    const code = codeOf(name);

    expect(() => new Function("module", "exports", "require", "__filename", "__dirname", code)).not.toThrow();
    expect(code).not.toMatch(/\bimport\.meta\b/);
    expect(code).toContain("module.exports");
  });

  it("turns no source maps on, which would erase the stacks of errors, and names none", () => {
    expect(codeOf(name)).not.toMatch(/setSourceMapsEnabled|sourceMappingURL/);
  });

  it("never asks for the deprecated keys nor for the running time that is none", () => {
    expect(codeOf(name)).not.toMatch(/getRunningTimeInSeconds|\bgetAccessKey\b|\bgetSecretKey\b/);
  });

  it("logs through no file descriptor and no worker thread", () => {
    const meta = readFileSync(join(built, "functions", name, "meta.json"), "utf8");

    expect(meta).not.toMatch(/node_modules\/(sonic-boom|thread-stream)\//);
  });

  it("needs nothing but what Node brings", () => {
    const meta = JSON.parse(readFileSync(join(built, "functions", name, "meta.json"), "utf8"));
    const output = Object.values<{ imports: { path: string }[]; entryPoint?: string }>(meta.outputs).find(
      ({ entryPoint }) => entryPoint,
    );
    const modules = new Set(output?.imports.map(({ path }) => path.replace(/^node:/, "")));

    expect([...modules].filter((module) => !builtinModules.includes(module))).toEqual([]);
  });

  it("keeps the licence of every package that is in it", () => {
    const meta = JSON.parse(readFileSync(join(built, "functions", name, "meta.json"), "utf8"));
    const files = Object.values<{ inputs: Record<string, { bytesInOutput: number }> }>(meta.outputs)
      .flatMap(({ inputs }) => Object.entries(inputs))
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .flatMap(([file]) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []);
    const packages = [...new Set(files)].sort();
    const text = Buffer.from(filesOf(name)["LICENSES.txt"]!).toString();
    const named = [...text.matchAll(/^(\S+) \d+\.\d+\.\d+ \([^)]+\)$/gm)].map(([, each]) => each!);

    expect(named.sort()).toEqual(packages);
    expect(text.match(/WITHOUT WARRANTY|"AS IS"/g)?.length).toBeGreaterThanOrEqual(packages.length);
    expect(packages).toEqual(expect.arrayContaining(["@middy/core", "pino", "zod"]));
  });

  it("loads in a fresh process by require and has the handler that its settings name", async () => {
    const settings = JSON.parse(readFileSync(`functions/${name}/function.json`, "utf8"));
    const [file, entry] = parseFunctionSettings(settings, name).handler.split(".");
    const { handler } = await inFreshProcess(
      name,
      `console.log(JSON.stringify({ handler: {
      length: loaded.${entry}.length,
      kind: loaded.${entry}.constructor.name } }))`,
      `${file}.js`,
    );

    expect(handler).toEqual({ length: 2, kind: "AsyncFunction" });
  });
});

it.each(workers)(
  "the zip of %s answers in a process without any variable that it has no agency",
  async (name) => {
    const answer = await inFreshProcess(
      name,
      `const texts = { getRequestID: "r-1", getFunctionName: "${name}", getProjectID: "p", getRemainingTimeInMilliSeconds: 60000 };
    const userData = { HW_REGION_NAME: "cn-north-4", MESHFLOW_SMN_TOPIC_URN: "urn:smn:cn-north-4:p:ops" };
    const context = new Proxy({ getUserData: (key) => userData[key] }, { get: (target, key) => target[key] ?? (() => texts[key] ?? "") });
    const lines = [];
    const write = process.stdout.write.bind(process.stdout);
    process.stdout.write = (line) => void lines.push(JSON.parse(line));
    const promise = loaded.handler(${JSON.stringify({ request: requestOf(name), statusCode: 200 })}, context);
    promise.then((result) => write(JSON.stringify({ native: promise instanceof Promise, result, lines })));`,
    );

    expect(answer.native).toBe(true);
    expect(JSON.stringify(answer.result)).toContain("The function has no credentials: give it an agency");
    expect(answer.lines.every((line: { requestId: string }) => line.requestId === "r-1")).toBe(true);
    expect(answer.lines.at(-1)).toMatchObject({ msg: "answered" });
  },
);

it.each(workers)("the zip of %s is no larger than 60 KB", (name) => {
  expect(zipOf(name).length).toBeLessThanOrEqual(60_000);
});

function requestOf(name: string) {
  if (name === "delete-mesh") return { action: "delete", mesh: { uid: "uid-1" } };
  const clusters = [{ id: "c", nodes: ["n-1", "n-2"] }];
  return { action: "create", mesh: { name: "prod-mesh", version: "1.18.7-r5", clusters } };
}

/** Unpacks the zip, requires it in a Node of its own without any environment and reads the JSON that `code` prints. */
async function inFreshProcess(name: string, code: string, file = "index.js") {
  const folder = mkdtempSync(join(scratch, "code-"));
  for (const [path, bytes] of Object.entries(filesOf(name))) writeFileSync(join(folder, path), bytes);
  const script = `const loaded = require(${JSON.stringify(join(folder, file))}); ${code}`;
  const { stdout } = await run(process.execPath, ["--no-warnings", "-e", script], { env: {}, cwd: scratch });
  return JSON.parse(stdout);
}
