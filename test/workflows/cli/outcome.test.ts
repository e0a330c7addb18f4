import { describe, expect, it } from "vitest";
import { outcomeOf } from "../../../workflows/cli/outcome.ts";
import type { ExecutionSummary, HistoryEvent } from "../../../workflows/runner/runner.ts";

const request = {
  requestId: "order-1",
  action: "create",
  mesh: { metadata: { name: "prod-mesh" }, spec: { version: "1.18" } },
  requestedAt: "2026-01-01T00:00:00.000Z",
  deadline: "2026-01-01T00:30:00.000Z",
};

const start = Date.parse(request.requestedAt);

function summary(over: Partial<ExecutionSummary>): ExecutionSummary {
  return {
    id: "ab".repeat(16),
    key: "order-1",
    flow: "create-mesh",
    status: "success",
    stateId: "done",
    attempt: 1,
    startedAt: start,
    updatedAt: start + 60_000,
    endedAt: start + 60_000,
    definitionHash: "",
    input: { request },
    ...over,
  };
}

const result = (stateId: string, data: unknown): HistoryEvent => ({
  seq: 1,
  at: start,
  type: "result",
  stateId,
  attempt: 1,
  data,
});

const judge = (over: Partial<ExecutionSummary>, history: HistoryEvent[] = []) => {
  const { state, exitCode } = outcomeOf(summary(over), history, start + 90_000);
  return [state, exitCode];
};

describe("outcomeOf", () => {
  it.each([
    [200, "succeeded", 0],
    [400, "failed", 3],
    [401, "failed", 7],
    [403, "failed", 7],
    [404, "failed", 6],
    [409, "failed", 9],
    [410, "failed", 3],
    [422, "failed", 3],
    [503, "failed", 8],
    [504, "timeout", 4],
  ])(
    "reads a flow that ran to its end by the status it was told: %d is %s, exit %d",
    (statusCode, state, exit) => {
      expect(judge({ output: { statusCode } })).toEqual([state, exit]);
    },
  );

  it("takes a mesh that runs for a success although nobody could be told", () => {
    const deliveries = [{ destination: "smn:ops", status: "failed" }];
    const output = { statusCode: 502, result: { statusCode: 200 }, deliveries };
    expect(judge({ output })).toEqual(["succeeded", 0]);
    expect(outcomeOf(summary({ output }), [], start).deliveries).toEqual(deliveries);
  });

  it("reads what the engine ended by the engine's word", () => {
    expect(judge({ status: "cancel", output: { statusCode: 200 } })).toEqual(["cancelled", 5]);
    expect(judge({ status: "timeout", output: { statusCode: 200 } })).toEqual(["timeout", 4]);
    expect(judge({ status: "fail", output: { statusCode: 200 } })).toEqual(["failed", 3]);
    expect(judge({ status: "fail" })).toEqual(["failed", 3]);
    expect(judge({ status: "damaged", input: undefined })).toEqual(["damaged", 1]);
    expect(judge({ status: "running" })).toEqual(["running", 0]);
  });

  it("gathers mesh, error and warnings from the last step that said something of each", () => {
    const history = [
      result("create-mesh", {
        statusCode: 200,
        mesh: { name: "prod-mesh", uid: "uid-1" },
        warnings: ["One node."],
      }),
      result("poll-status", { statusCode: 503, error: { code: "UNREACHABLE", message: "no answer" } }),
    ];
    const outcome = outcomeOf(summary({ status: "fail", endedAt: start + 5000 }), history, start + 90_000);
    expect(outcome).toEqual({
      run: "ab".repeat(16),
      key: "order-1",
      action: "create",
      state: "failed",
      exitCode: 8,
      mesh: { name: "prod-mesh", uid: "uid-1", version: "1.18" },
      statusCode: 503,
      error: { code: "UNREACHABLE", message: "no answer" },
      warnings: ["One node."],
      deliveries: [],
      startedAt: "2026-01-01T00:00:00.000Z",
      endedAt: "2026-01-01T00:00:05.000Z",
      elapsedMs: 5000,
      deadline: "2026-01-01T00:30:00.000Z",
    });
  });
});
