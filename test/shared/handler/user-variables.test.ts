import { expect, test } from "vitest";
import { readUserVariables } from "../../../shared/handler/user-variables.ts";
import { FakeContext } from "./fake-context.ts";

const region = (
  fromContext: string | undefined,
  userData: string | undefined,
  fromEnvironment: string | undefined,
) =>
  readUserVariables(
    new FakeContext({ userData: fromContext === undefined ? {} : { HW_REGION_NAME: fromContext } }),
    { RUNTIME_USERDATA: userData, HW_REGION_NAME: fromEnvironment },
  ).HW_REGION_NAME;

test("a variable comes from getUserData, then RUNTIME_USERDATA, then the environment", () => {
  const userData = '{"HW_REGION_NAME":"second"}';

  expect(region("first", userData, "third")).toBe("first");
  expect(region(undefined, userData, "third")).toBe("second");
  expect(region(undefined, undefined, "third")).toBe("third");
  expect(region(undefined, undefined, undefined)).toBeUndefined();
});

test("an empty variable counts as none", () => {
  expect(region("", '{"HW_REGION_NAME":""}', "third")).toBe("third");
});

test.each(["", "null", "{", "[]"])("RUNTIME_USERDATA of %j holds no variable", (userData) => {
  expect(region(undefined, userData, "third")).toBe("third");
});

test("nothing that meshflow does not know is read", () => {
  const variables = readUserVariables(new FakeContext({ userData: { PATH_TO_X: "x" } }), {});

  expect(variables).toHaveProperty("HW_REGION_NAME");
  expect(variables).not.toHaveProperty("PATH_TO_X");
});
