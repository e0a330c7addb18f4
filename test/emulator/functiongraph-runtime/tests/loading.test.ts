import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { startFunctionInstance } from "../host.ts";
import { answerOf, instanceOf, settings, withoutFunctionNode, zipOf } from "./fixture.ts";

const OK = 'exports.handler = async (event, context) => "ok";';
const entry = (text: string, errorType = "FunctionLoadError") =>
  JSON.stringify({ errorMessage: `function entry exception, error: ${text}`, errorType });

describe("loading", () => {
  it("takes the function that file.function names, also in a folder", async () => {
    const files = { "src/mesh.create.js": 'exports.run = async (event, context) => "created";' };
    expect(await answerOf(files, {}, { handler: "src/mesh.create.run" })).toEqual([0, "created"]);
  });

  it("waits for the first call", async () => {
    const instance = await instanceOf(`console.log("loaded"); ${OK}`);
    expect(instance.logLines()).toEqual([]);
    expect((await instance.invoke({}, { requestId: "r1" })).log).toContain("r1 INFO loaded");
    expect((await instance.invoke({})).log).toBe("");
  });

  it("runs top-level code in the time of the first invocation", async () => {
    const busy = "const until = Date.now() + 1e4; while (Date.now() < until);";
    const answer = await answerOf(`${busy} ${OK}`, {}, { timeoutSeconds: 0.3 });
    expect(answer).toEqual([4010, "call invoke timeout 0.3s"]);
  });

  it("tries again, and fails again, at each call when top-level code throws", async () => {
    const instance = await instanceOf('console.log("tried"); throw new RangeError("no configuration");');
    for (const requestId of ["r1", "r2"]) {
      const { code, body, log } = await instance.invoke({}, { requestId });
      expect([code, body]).toEqual([4001, entry("no configuration", "RangeError")]);
      expect(log).toContain(`${requestId} INFO tried`);
    }
  });

  it.each<[string, string | Record<string, string>, string]>([
    ["no file of that name", { "main.js": OK }, entry("not found module './index.js'")],
    ["only index.cjs", { "index.cjs": OK }, entry("not found module './index.js'")],
    ["no function of that name", "exports.main = 1;", entry("not found function 'handler' in './index.js'")],
    [
      "something that is no function",
      "exports.handler = 1;",
      entry("not found function 'handler' in './index.js'"),
    ],
    [
      "a syntax error",
      "exports.handler = async (event, context) => {",
      entry("Unexpected end of input", "SyntaxError"),
    ],
  ])("fails with %s", async (_, files, body) => {
    expect(await answerOf(files)).toEqual([4001, body]);
  });

  it("needs a handler with a dot in its name, or is not deployed at all", async () => {
    const start = startFunctionInstance({ zip: zipOf(OK), settings: { ...settings, handler: "handler" } });
    await expect(start).rejects.toThrow("handler handler must be file.function");
  });

  it("unpacks nothing outside the code root", async () => {
    await expect(instanceOf({ "../outside.js": OK })).rejects.toThrow("outside its own root");
  });
});

describe.skipIf(withoutFunctionNode())("ES modules under Node 20.15.1", () => {
  it("is the Node that runs", async () => {
    expect(await answerOf("exports.handler = async (e, c) => process.version;")).toEqual([0, "v20.15.1"]);
  });

  it("a package of type module is said not to be found", async () => {
    const files = {
      "index.js": 'export const handler = async (event, context) => "ok";',
      "package.json": '{"type":"module"}',
    };
    expect(await answerOf(files)).toEqual([4001, entry("not found module './index.js'")]);
  });

  it("export without a type is a syntax error", async () => {
    const code = 'export const handler = async (event, context) => "ok";';
    expect(await answerOf(code)).toEqual([4001, entry("Unexpected token 'export'", "SyntaxError")]);
  });

  it("import without a type is a syntax error", async () => {
    const answer = await answerOf('import fs from "node:fs"; exports.handler = async (e, c) => fs;');
    expect(answer).toEqual([4001, entry("Cannot use import statement outside a module", "SyntaxError")]);
  });
});

describe("the number of declared parameters", () => {
  it.each<[string, number, string]>([
    ["async (event) => 1", 1, "handler"],
    ["(...args) => Promise.resolve(1)", 0, "handler"],
    ["async (event, context = {}) => 1", 1, "handler"],
    ["async (event, context, callback, more) => 1", 4, "handler"],
  ])("refuses %s", async (handler, received) => {
    expect(await answerOf(`exports.handler = ${handler};`)).toEqual([
      4001,
      `{"errorMessage":"function entry exception, error: handler expect to have 2 or 3 parameters, but received ${received}","errorType":"FunctionLoadError"}`,
    ]);
  });

  it.each([
    'exports.handler = async (event, context) => "ok"',
    'exports.handler = (event, context, callback) => callback(null, "ok")',
    'exports.handler = (async (event, context) => "ok").bind(null)',
    'exports.handler = new (class { async handler(event, context) { return "ok"; } })().handler',
    'exports.handler = new Proxy(async (event, context) => "ok", {})',
    'exports.handler = async ({ a }, context) => "ok"',
    'const fn = async () => "ok"; exports.handler = (event, context) => fn(event, context)',
  ])("accepts %s", async (code) => {
    expect(await answerOf(code)).toEqual([0, "ok"]);
  });

  it("of an initializer is exactly 2", async () => {
    const code = `exports.init = async (context) => {}; ${OK}`;
    expect(await answerOf(code, {}, { initializer: "index.init" })).toEqual([
      4009,
      '{"errorMessage":"function initialization exception, error: initializer expect to have 2 parameters, but received 1","errorType":"FunctionConfigError"}',
    ]);
  });

  it("is 2 for a handler of middy 6.4.5, bundled", async () => {
    const contents = `
      import middy from "@middy/core";
      export const handler = middy().handler(async (event, context) => handler.length + event.add);
    `;
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: "." },
      bundle: true,
      platform: "node",
      target: "node20.15",
      format: "cjs",
      write: false,
    });
    expect(await answerOf(outputFiles[0]?.text ?? "", { add: 40 })).toEqual([0, "42"]);
  });
});
