import { describe, expect, it } from "vitest";
import { parseMeshRequest } from "../../../shared/request/mesh-request.ts";
import { builtInFlow } from "../../../workflows/cli/built-in-flows.ts";
import { flowForRequest } from "../../../workflows/cli/flow-for-request.ts";
import { pendingBudget } from "../../../workflows/flow-budget.ts";

const request = (minutes: number) =>
  parseMeshRequest({ action: "delete", mesh: { uid: "uid-1" } }, { deadlineMs: minutes * 60_000 });

describe("flowForRequest", () => {
  it("is the built-in flow as it stands for the usual deadline", () => {
    expect(flowForRequest(request(30))).toEqual(builtInFlow("delete-mesh"));
  });

  it.each([31, 45, 60, 84])("waits at least as long as a deadline of %d min", (minutes) => {
    expect(pendingBudget(flowForRequest(request(minutes))).seconds).toBeGreaterThanOrEqual(minutes * 60);
  });

  it("refuses a deadline that the flow cannot wait for, and says how long it can", () => {
    expect(() => flowForRequest(request(120))).toThrow(
      "A deadline of 2h 00m is too long: a request can wait 1h 24m.",
    );
  });
});
