import { expect, it } from "vitest";
import { executionId } from "../../../shared/request/execution-id.ts";

it("an execution id is the first half of the SHA-256 of the request id, in hex", () => {
  expect(executionId("abc")).toBe("ba7816bf8f01cfea414140de5dae2223");
  expect(executionId("网格")).toBe("e41ecc67ca28ade2108f332662a6c114");
});
