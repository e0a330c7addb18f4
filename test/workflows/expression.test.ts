import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCondition, resolveArguments, testCondition } from "../../workflows/expression.ts";
import { ExpressionError } from "../../workflows/expression-error.ts";
import { select } from "../../workflows/json-path.ts";

describe("a condition", () => {
  test.each([
    ["$.statusCode >= 500", { path: "$.statusCode", operator: ">=", value: 500 }],
    ["$.input<2", { path: "$.input", operator: "<", value: 2 }],
    ["$.a.b != -1.5e3", { path: "$.a.b", operator: "!=", value: -1500 }],
    ["$.status == 'it\\'s > 3'", { path: "$.status", operator: "==", value: "it's > 3" }],
    ["$['a == b'] == true", { path: "$['a == b']", operator: "==", value: true }],
    ["$.items[?@.n > 3] == null", { path: "$.items[?@.n > 3]", operator: "==", value: null }],
  ])("is path, operator and value: %s", (text, parsed) => {
    expect(parseCondition(text)).toEqual(parsed);
  });

  test.each([
    ["statusCode == 1", "it must begin with a JSONPath such as $.statusCode"],
    ["$.statusCode", "no operator: one of == != >= <= > < is needed"],
    ["$.a = 1", "no operator"],
    ["$.a ==", "nothing to compare with after =="],
    ["$.a == b", '"b" is not a number, a single-quoted string, true, false or null'],
    ['$.a == "b"', "is not a number, a single-quoted string"],
    ["$.a == 007", '"007" is not a number'],
    ["$.a == 1 && $.b == 2", '"1 && $.b == 2" is not a number'],
    ["$..[ == 1", "no operator"],
    ["$.a b == 1", "is not a JSONPath"],
  ])("that cannot be read says why: %s", (text, why) => {
    expect(() => parseCondition(text)).toThrow(ExpressionError);
    expect(() => parseCondition(text)).toThrow(why);
  });

  test.each([
    ["$.n == 5", true],
    ["$.n != 5", false],
    ["$.n >= 5", true],
    ["$.n > 5", false],
    ["$.n <= 5", true],
    ["$.n < 6", true],
    ["$.s == 'x'", true],
    ["$.s > 'w'", true],
    ["$.t == true", true],
    ["$.nil == null", true],
    ["$.list[0] == 7", true],
    ["$.list[-1] == 9", true],
  ])("is tested on the data: %s", (text, holds) => {
    expect(testCondition(text, { n: 5, s: "x", t: true, nil: null, list: [7, 9] })).toBe(holds);
  });

  test.each([
    "$.none == null",
    "$.none != 5",
    "$.none >= 0",
    "$.s >= 5",
    "$.n < 'z'",
    "$.t > 0",
    "$.o.p == 1",
  ])("A4: does not hold for a path that yields nothing or another type: %s", (text) => {
    expect(testCondition(text, { n: 5, s: "x", t: true })).toBe(false);
  });

  test("compares any two numbers as JavaScript does", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (a, b) => {
        expect(testCondition(`$.a >= ${b}`, { a })).toBe(a >= b);
        expect(testCondition(`$.a < ${b}`, { a })).toBe(a < b);
        expect(testCondition(`$.a == ${b}`, { a })).toBe(a === b);
      }),
    );
  });
});

describe("arguments", () => {
  const data = { name: "m", nested: { deep: [1, { x: 2 }] }, nil: null };
  const constants = { region: "cn-north-4", a: { b: 3 } };

  test("select from the data, at any depth of nesting, and pass literals as they are", () => {
    const args = {
      whole: "$",
      name: "$.name",
      inner: { list: ["$.nested.deep[1].x", "plain", 4, true, null] },
      location: "cn-north-7",
      count: 5,
    };
    expect(resolveArguments(args, data, constants)).toEqual({
      whole: data,
      name: "m",
      inner: { list: [2, "plain", 4, true, null] },
      location: "cn-north-7",
      count: 5,
    });
  });

  test("fall back after a pipe to a literal, a constant or another path", () => {
    const args = {
      text: "$.none | 'default'",
      piped: "$.none | 'a | b'",
      number: "$.none | 1.5",
      yes: "$.none | true",
      constant: "$.none | $CONST.region",
      path: "$.none | $.name",
      present: "$.name | 'default'",
      nil: "$.nil | 'default'",
    };
    expect(resolveArguments(args, data, constants)).toEqual({
      text: "default",
      piped: "a | b",
      number: 1.5,
      yes: true,
      constant: "cn-north-4",
      path: "m",
      present: "m",
      nil: null,
    });
  });

  test("A2: leave out a member whose path yields nothing", () => {
    expect(resolveArguments({ none: "$.none", list: ["$.none", 1] }, data, constants)).toEqual({
      list: [null, 1],
    });
  });

  test("A3: read the constants as $CONST and as $.constants, where the data win", () => {
    const args = { a: "$CONST.a.b", b: "$.constants.a.b", c: "$.constants.region", all: "$CONST" };
    expect(resolveArguments(args, { constants: { region: "own" } }, constants)).toEqual({
      a: 3,
      b: 3,
      c: "own",
      all: constants,
    });
  });

  test("give an array for a path that can select several values", () => {
    expect(resolveArguments({ all: "$.list[*].n" }, { list: [{ n: 1 }, { n: 2 }] }, {})).toEqual({
      all: [1, 2],
    });
  });

  test.each([
    ["$.a | b", 'the default "b" is not'],
    ["$.a |", "nothing after the |"],
    ["$.a | 1 | 2", "only one default may follow the path"],
    ["$.a[", "is not a JSONPath"],
    ["$5", "is not a JSONPath"],
  ])("that cannot be read say why: %s", (text, why) => {
    expect(() => resolveArguments({ x: text }, {}, {})).toThrow(ExpressionError);
    expect(() => resolveArguments({ x: text }, {}, {})).toThrow(why);
  });

  test("never reach an inherited member", () => {
    expect(select("$.constructor", {})).toBeUndefined();
    expect(select("$.length", "text")).toBeUndefined();
    expect(resolveArguments(JSON.parse('{"__proto__": {"x": 1}}'), {}, {})).not.toHaveProperty("x");
  });
});
