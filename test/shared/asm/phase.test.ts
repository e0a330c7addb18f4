import { describe, expect, it } from "vitest";
import type { Judgement, PhaseContext } from "../../../shared/asm/phase.ts";
import { isMissingMesh, judgeMissing, judgePhase } from "../../../shared/asm/phase.ts";
import { ApiError } from "../../../shared/huaweicloud/errors.ts";

const since = "2026-11-24T08:00:00.000Z";
const after = (seconds: number) => () => Date.parse(since) + seconds * 1000;
const pending: Judgement = { verdict: "pending" };

describe("a phase while waiting for a create", () => {
  const elsewhere = "somebody has started that elsewhere.";
  const rows: [string | undefined, Judgement][] = [
    ["Creating", pending],
    ["Running", { verdict: "success" }],
    ["CreateFailed", { verdict: "failure", reason: "The mesh is CreateFailed." }],
    ["Deleting", { verdict: "failure", reason: "The mesh is being deleted by someone else." }],
    ["DeleteFailed", { verdict: "failure", reason: "The mesh is DeleteFailed." }],
    ["Upgrading", { verdict: "pending", warning: `The mesh is Upgrading: ${elsewhere}` }],
    ["UpgradeFailed", { verdict: "failure", reason: "The mesh is UpgradeFailed." }],
    ["RollingBack", { verdict: "pending", warning: `The mesh is RollingBack: ${elsewhere}` }],
    ["RollbackFailed", { verdict: "failure", reason: "The mesh is RollbackFailed." }],
    ["Hibernating", { verdict: "pending", warning: "The phase Hibernating is not known; waiting goes on." }],
    ["running", { verdict: "pending", warning: "The phase running is not known; waiting goes on." }],
    [undefined, { verdict: "pending", warning: "The answer has no phase." }],
  ];
  it.each(rows)("%s → %j", (phase, judgement) => {
    expect(judgePhase("create", phase, { since, now: after(3600) })).toEqual(judgement);
  });
});

describe("a phase while waiting for a delete", () => {
  const wait = (phase: string): Judgement => ({
    verdict: "pending",
    warning: `The mesh is still ${phase}; the delete may have to wait for that.`,
  });
  const notAccepted = (phase: string): Judgement => ({
    verdict: "failure",
    reason: `The delete was not accepted: 60 s after the request the mesh is still ${phase}.`,
  });
  const rows: [string | undefined, number, Judgement][] = [
    ["Deleting", 3600, pending],
    ["Creating", 3600, wait("Creating")],
    ["Upgrading", 3600, wait("Upgrading")],
    ["RollingBack", 3600, wait("RollingBack")],
    ["Running", 0, pending],
    ["Running", 60, pending],
    ["Running", 61, notAccepted("Running")],
    ["CreateFailed", 60, pending],
    ["CreateFailed", 61, notAccepted("CreateFailed")],
    ["UpgradeFailed", 60, pending],
    ["UpgradeFailed", 61, notAccepted("UpgradeFailed")],
    ["RollbackFailed", 60, pending],
    ["RollbackFailed", 61, notAccepted("RollbackFailed")],
    [
      "Hibernating",
      3600,
      { verdict: "pending", warning: "The phase Hibernating is not known; waiting goes on." },
    ],
    [undefined, 3600, { verdict: "pending", warning: "The answer has no phase." }],
  ];
  it.each(rows)("%s after %i s → %j", (phase, seconds, judgement) => {
    expect(judgePhase("delete", phase, { since, now: after(seconds) })).toEqual(judgement);
  });

  it("without a known start no grace runs out", () => {
    expect(judgePhase("delete", "Running")).toEqual(pending);
    expect(judgePhase("delete", "CreateFailed", { since: "soon" })).toEqual(pending);
  });

  it("the grace is settable", () => {
    expect(judgePhase("delete", "Running", { since, now: after(6), graceMs: 5000 })).toEqual({
      verdict: "failure",
      reason: "The delete was not accepted: 5 s after the request the mesh is still Running.",
    });
  });
});

describe("DeleteFailed while waiting for a delete", () => {
  const failed: Judgement = { verdict: "failure", reason: "The mesh is DeleteFailed." };
  const rows: [string, PhaseContext, Judgement][] = [
    [
      "written after the DELETE was accepted is a failure",
      { since, updatedAt: "2026-11-24T08:00:05Z" },
      failed,
    ],
    ["from before the DELETE is where it starts", { since, updatedAt: "2026-11-24T07:00:00Z" }, pending],
    ["without a time is where it starts", { since }, pending],
    ["without any known start is where it starts", { updatedAt: "2026-11-24T08:00:05Z" }, pending],
    [
      "later than the DELETE's own answer is a failure, though our clock is ahead",
      { since, updatedAt: "2026-11-24T07:50:05Z", acceptedUpdate: "2026-11-24T07:50:00Z" },
      failed,
    ],
    [
      "no later than the DELETE's own answer is where it starts, though our clock is behind",
      { since, updatedAt: "2026-11-24T08:10:00Z", acceptedUpdate: "2026-11-24T08:10:00Z" },
      pending,
    ],
  ];
  it.each(rows)("%s", (_, context, judgement) => {
    expect(judgePhase("delete", "DeleteFailed", { now: after(10), ...context })).toEqual(judgement);
  });

  it("from before the DELETE means after the grace that the delete was not accepted", () => {
    expect(
      judgePhase("delete", "DeleteFailed", { since, updatedAt: "2026-11-24T07:00:00Z", now: after(61) }),
    ).toEqual({
      verdict: "failure",
      reason: "The delete was not accepted: 60 s after the request the mesh is still DeleteFailed.",
    });
  });
});

describe("a mesh that is not there", () => {
  it("is the end of a delete", () => {
    expect(judgeMissing("delete", { since, now: after(0) })).toEqual({ verdict: "success" });
  });

  it("is borne for a minute after a create, then it has vanished", () => {
    expect(judgeMissing("create", { since, now: after(60) })).toEqual(pending);
    expect(judgeMissing("create", { since, now: after(61) })).toEqual({
      verdict: "failure",
      reason: "The mesh has vanished: 60 s after its create it is not found.",
    });
  });

  const error = (status: number | undefined, code: string | undefined) =>
    new ApiError("failed", {
      operation: "ShowMesh",
      method: "GET",
      url: "https://asm.test/v1/p/meshes/u",
      retryable: false,
      status,
      code,
    });
  const rows: [string, unknown, boolean][] = [
    ["404 with an ASM code", error(404, "ASM.01404001"), true],
    ["404 with another ASM code", error(404, "ASM.01404999"), true],
    ["404 of the gateway: no such API", error(404, "APIGW.0101"), false],
    ["404 of the gateway: no back end", error(404, "APIGW.0103"), false],
    ["404 of an older gateway", error(404, "APIG.0101"), false],
    ["404 without a code", error(404, undefined), false],
    ["400 with an ASM code", error(400, "ASM.01400001"), false],
    ["no status", error(undefined, "ASM.01404001"), false],
    ["another error", Object.assign(new Error("gone"), { status: 404, code: "ASM.01404001" }), false],
    ["no error", undefined, false],
  ];
  it.each(rows)("%s → %s", (_, thrown, missing) => {
    expect(isMissingMesh(thrown)).toBe(missing);
  });
});
