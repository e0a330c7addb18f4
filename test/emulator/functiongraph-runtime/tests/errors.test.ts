import { describe, expect, it } from "vitest";
import { answerOf, instanceOf } from "./fixture.ts";

describe("an error", () => {
  it("that is thrown is told with its name and its own frames, the code root shown as a dot", async () => {
    const code = `
exports.handler = async (event, context) => {
  JSON.parse("{}");
  throw new TypeError("boom");
};`;
    expect(await answerOf(code)).toEqual([
      4002,
      `{
    "errorMessage": "function invocation exception, error: boom",
    "errorType": "TypeError",
    "stackTrace": [
        "at exports.handler (./index.js:4:9)"
    ]
}`,
    ]);
  });

  it.each<[string, string]>([
    ["thrown by a plain function", '(event, context, callback) => { throw new TypeError("boom"); }'],
    ["in a rejected promise", '(event, context) => Promise.reject(new TypeError("boom"))'],
    ["in a rejected promise, after a while", 'async (e, c) => { await null; throw new TypeError("boom"); }'],
  ])("is told the same way when it is %s", async (_, handler) => {
    const [code, body] = await answerOf(`exports.handler = ${handler};`);
    expect([code, JSON.parse(body)]).toEqual([
      4002,
      {
        errorMessage: "function invocation exception, error: boom",
        errorType: "TypeError",
        stackTrace: [expect.stringMatching(/^at .*\.\/index\.js:1:\d+\)?$/)],
      },
    ]);
  });

  it("keeps a name of its own and loses its code, its cause and every other member", async () => {
    const code = `exports.handler = async (event, context) => {
      const error = new Error("taken", { cause: new Error("inner") });
      throw Object.assign(error, { name: "ASM.01409001", code: 409, hint: "rename" });
    };`;
    const [, body] = await answerOf(code);
    expect(JSON.parse(body)).toEqual({
      errorMessage: "function invocation exception, error: taken",
      errorType: "ASM.01409001",
      stackTrace: [expect.any(String)],
    });
  });

  it.each<[string, string, string]>([
    ["a string", '"str"', "str"],
    ["an object", '{ message: "lost" }', "[object Object]"],
    ["null", "null", "null"],
  ])("that is %s has a type of the platform's and no frames", async (_, value, text) => {
    const [code, body] = await answerOf(`exports.handler = async (event, context) => { throw ${value}; };`);
    expect([code, JSON.parse(body)]).toEqual([
      4002,
      {
        errorMessage: `function invocation exception, error: ${text}`,
        errorType: "UserFunctionError",
        stackTrace: [],
      },
    ]);
  });

  it("loses every frame when source maps are on at run time", async () => {
    const map = { version: 3, sources: ["../../src/mesh.ts"], names: [], mappings: "AAAA" };
    const url = `data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString("base64")}`;
    const files = {
      "index.js": 'process.setSourceMapsEnabled(true); exports.handler = require("./mesh.js").handler;',
      "mesh.js": `exports.handler = async (event, context) => { throw new Error("boom"); };\n//# sourceMappingURL=${url}`,
    };
    const [, body] = await answerOf(files);
    expect(JSON.parse(body)).toEqual({
      errorMessage: "function invocation exception, error: boom",
      errorType: "Error",
      stackTrace: [],
    });
  });

  it.each<[string, string, string]>([
    [
      "a throw",
      'async (event, context) => { throw new Error("boom"); }',
      "invocation exception, error: boom",
    ],
    [
      "a callback's error",
      '(event, context, callback) => callback(new Error("boom"))',
      "entry exception, error: boom",
    ],
    ["a parameter count", "async () => 1", "entry exception, error: handler expect"],
  ])("is one ERROR line in the function's log: %s", async (_, handler, text) => {
    const instance = await instanceOf(`exports.handler = ${handler};`);
    await instance.invoke({}, { requestId: "r1" });
    expect(instance.logLines()).toEqual([
      { requestId: "r1", level: "ERROR", text: expect.stringContaining(text) },
    ]);
  });
});

describe("an error in the initializer", () => {
  const OK = 'exports.handler = async (event, context) => "ok";';
  const initializer = "index.init";

  it("is told with its frames when it is thrown", async () => {
    const code = `exports.init = async (context, callback) => { throw new RangeError("dark"); }; ${OK}`;
    const [status, body] = await answerOf(code, {}, { initializer });
    expect([status, JSON.parse(body)]).toEqual([
      4009,
      {
        errorMessage: "function initialization exception, error: dark",
        errorType: "RangeError",
        stackTrace: [expect.stringMatching(/^at exports\.init \(\.\/index\.js:1:\d+\)$/)],
      },
    ]);
  });

  it("is told without frames when it is called back", async () => {
    const code = `exports.init = (context, callback) => callback(new RangeError("dark")); ${OK}`;
    expect(await answerOf(code, {}, { initializer })).toEqual([
      4009,
      '{"errorMessage":"function initialization exception, error: dark","errorType":"RangeError"}',
    ]);
  });

  it("is any error of loading, too", async () => {
    expect(await answerOf('throw new Error("no configuration");', {}, { initializer })).toEqual([
      4009,
      '{"errorMessage":"function initialization exception, error: no configuration","errorType":"Error"}',
    ]);
  });
});
