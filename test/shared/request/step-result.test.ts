import { describe, expect, it } from "vitest";
import type { MeshRequest } from "../../../shared/request/mesh-request.ts";
import { describeObserved, stepResult, summariseMesh } from "../../../shared/request/step-result.ts";
import { fixture } from "../asm/fixture.ts";

const request: MeshRequest = {
  requestId: "r-1",
  action: "delete",
  mesh: { name: "payments" },
  requestedAt: "2026-11-24T08:00:00.000Z",
  deadline: "2026-11-24T08:30:00.000Z",
  actor: { source: "cli" },
};
const error = { code: "ASM.01409001", message: "taken" };
const mesh = { name: "payments", uid: "uid-1" };

describe("a step result", () => {
  it("always echoes the request", () => {
    expect(stepResult.ok(request, { mesh })).toStrictEqual({ statusCode: 200, request, mesh });
    expect(stepResult.pending(request)).toStrictEqual({ statusCode: 202, request });
    expect(stepResult.permanent(request, 409, { error, mesh })).toStrictEqual({
      statusCode: 409,
      request,
      error,
      mesh,
    });
    expect(stepResult.transient(request, { error })).toStrictEqual({ statusCode: 503, request, error });
    expect(stepResult.expired(request, { error, observed: { Creating: 12 } })).toStrictEqual({
      statusCode: 504,
      request,
      error,
      observed: { Creating: 12 },
    });
  });

  it("holds no undefined fields, which JSON would drop", () => {
    expect(stepResult.ok(request, { mesh: undefined, warnings: [] } as never)).toStrictEqual({
      statusCode: 200,
      request,
      warnings: [],
    });
  });
});

describe("a mesh in short", () => {
  it("has what a flow carries and a card shows", () => {
    expect(summariseMesh(fixture("show-response"))).toStrictEqual({
      name: "mesh-test-api",
      uid: "a1efdc3e-xxxx-xxxx-xxxx-94bef433347e",
      phase: "Running",
      version: "1.18.7-r5",
      clusters: ["cb0ef541-xxxx-xxxx-xxxx-0255ac1001b7"],
      createdAt: "2025-04-10T07:48:37Z",
      updatedAt: "2025-04-10T07:58:43Z",
    });
  });

  it("leaves out what is not known", () => {
    expect(summariseMesh({ metadata: { name: "payments" } })).toStrictEqual({ name: "payments" });
    expect(
      summariseMesh({
        metadata: { name: "payments" },
        spec: { extendParams: { clusters: [{}] } },
        status: {},
      }),
    ).toStrictEqual({ name: "payments" });
  });
});

it("counts what was seen in words", () => {
  expect(describeObserved({ Creating: 2, missing: 1 })).toBe("Creating twice, missing once");
});
