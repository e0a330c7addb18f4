import { describe, expect, it } from "vitest";
import { answerOf, instanceOf } from "./fixture.ts";

const asyncHandler = (body: string) => `exports.handler = async (event, context) => { ${body} };`;

describe("a handler's result", () => {
  it.each<[string, string, string]>([
    ["undefined as an empty body", "return undefined", ""],
    ["null", "return null", "null"],
    ["a string as raw text, without quotes", 'return "héllo"', "héllo"],
    ["a number as text", "return 4.5", "4.5"],
    ["a boolean as text", "return false", "false"],
    ["an object as JSON", "return { a: [1, null], b: undefined }", '{"a":[1,null]}'],
    ["a Buffer as the JSON of a Buffer", 'return Buffer.from("bu")', '{"type":"Buffer","data":[98,117]}'],
    ["text with line separators", 'return "a\\u2028b\\nc"', "a\u2028b\nc"],
  ])("is sent: %s", async (_, body, expected) => {
    expect(await answerOf(asyncHandler(body))).toEqual([0, expected]);
  });

  it("may come from a plain function that returns a Promise", async () => {
    const code = 'exports.handler = (event, context) => Promise.resolve("done");';
    expect(await answerOf(code)).toEqual([0, "done"]);
  });

  it("never comes from a function that is not async and calls nobody back: the call times out", async () => {
    const code = 'exports.handler = (event, context) => "lost";';
    const answer = await answerOf(code, {}, { timeoutSeconds: 0.3 });
    expect(answer).toEqual([4010, "call invoke timeout 0.3s"]);
  });

  it("never comes from a thenable that is not a native Promise", async () => {
    const code = 'exports.handler = (event, context) => ({ then: (resolve) => resolve("lost") });';
    const answer = await answerOf(code, {}, { timeoutSeconds: 0.3 });
    expect(answer).toEqual([4010, "call invoke timeout 0.3s"]);
  });

  it.each<[string, string]>([
    ["a BigInt", "return { size: 1n }"],
    ["a circular reference", "const a = {}; a.self = a; return a"],
  ])("is refused with %s inside", async (_, body) => {
    const [code, text] = await answerOf(asyncHandler(body));
    expect([code, JSON.parse(text)]).toEqual([
      4007,
      {
        errorMessage: expect.stringMatching(/^function result is invalid, error: ./),
        errorType: "TypeError",
      },
    ]);
  });

  it("may be 6 MiB of bytes, and not one more", async () => {
    const instance = await instanceOf(
      'exports.handler = async ({ size }, context) => "é" + "a".repeat(size - 2);',
    );
    const largest = await instance.invoke({ size: 6_291_456 });
    expect([largest.code, Buffer.byteLength(largest.body)]).toEqual([0, 6_291_456]);
    const over = await instance.invoke({ size: 6_291_457 });
    expect([over.status, over.code, over.body]).toEqual([
      "error",
      4004,
      "response body size 6291457 exceeds the limit of 6291456",
    ]);
  });
});

describe("the callback", () => {
  it.each<[string, string, [number, string]]>([
    ["null and a value", "callback(null, { a: 1 })", [0, '{"a":1}']],
    ["null alone", "callback(null)", [0, ""]],
    ["a later null and a value", 'setTimeout(callback, 20, null, "later")', [0, "later"]],
    ["nothing", "callback()", [4001, '{"message":"function entry exception, error: undefined"}']],
    [
      "undefined and a value",
      "callback(undefined, 1)",
      [4001, '{"message":"function entry exception, error: undefined"}'],
    ],
    ["a string", 'callback("str")', [4001, "str"]],
    [
      "an error",
      'callback(new RangeError("far"))',
      [4001, '{"errorMessage":"function entry exception, error: far","errorType":"RangeError"}'],
    ],
  ])("takes %s", async (_, body, expected) => {
    expect(await answerOf(`exports.handler = (event, context, callback) => { ${body}; };`)).toEqual(expected);
  });

  it.each<[string, string, [number, string]]>([
    [
      "the callback's value over a later one",
      'callback(null, 1); callback(null, 2); callback("x");',
      [0, "1"],
    ],
    [
      "the callback's value over the returned one",
      'callback(null, "called"); return "returned";',
      [0, "called"],
    ],
    [
      "the returned value over a late callback",
      'setTimeout(callback, 20, "x"); return "returned";',
      [0, "returned"],
    ],
    ["the callback's value over a later throw", 'callback(null, 1); throw new Error("x");', [0, "1"]],
  ])("lets the first win, and drops the other without a word: %s", async (_, body, expected) => {
    const instance = await instanceOf(`exports.handler = async (event, context, callback) => { ${body} };`);
    const answers = [await instance.invoke({}), await instance.invoke({})];
    expect(answers.map(({ code, body }) => [code, body])).toEqual([expected, expected]);
    expect(instance.logLines()).toEqual([]);
  });
});

describe("the event", () => {
  const echo = "exports.handler = async (event, context) => [typeof event, event];";

  it.each<[string, unknown, string]>([
    ["an object", { key: "value" }, '["object",{"key":"value"}]'],
    ["a JSON string", '"text"', '["string","text"]'],
    ["a JSON number", "5", '["number",5]'],
    ["bytes of JSON", Buffer.from('{"a":"网"}'), '["object",{"a":"网"}]'],
  ])("is parsed as JSON: %s", async (_, event, expected) => {
    expect(await answerOf(echo, event)).toEqual([0, expected]);
  });

  it("never reaches the handler when it is not JSON: the answer is the parser's own message", async () => {
    const instance = await instanceOf('exports.handler = async (e, c) => console.log("reached");');
    const { code, body, log } = await instance.invoke("hello");
    expect([code, body]).toEqual([4002, `Unexpected token 'h', "hello" is not valid JSON`]);
    expect(log).not.toContain("reached");
  });

  it("is at most 6 MiB in a synchronous request and 256 KB in an asynchronous one", async () => {
    const instance = await instanceOf("exports.handler = async (event, context) => event.length;");
    const text = (bytes: number) => JSON.stringify("a".repeat(bytes - 2));
    expect((await instance.invoke(text(6_291_456))).body).toBe("6291454");
    const over = await instance.invoke(text(6_291_457));
    expect([over.code, over.body]).toEqual([4140, "request body size 6291457 exceeds the limit of 6291456"]);
    expect((await instance.invoke(text(262_144), { async: true })).body).toBe("262142");
    const overAsync = await instance.invoke(text(262_145), { async: true });
    expect([overAsync.code, overAsync.body]).toEqual([
      4140,
      "request body size 262145 exceeds the limit of 262144",
    ]);
  });
});
