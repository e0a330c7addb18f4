import { describe, expect, it } from "vitest";
import { deleteMesh } from "../../../functions/delete-mesh/delete-mesh.ts";
import { InvalidResponseError } from "../../../shared/huaweicloud/errors.ts";
import {
  apiError,
  at,
  createRequest,
  deleteByName,
  deleteByUid,
  meshOf,
  noSuchMesh,
  start,
  world,
  wrongAddress,
} from "../world.ts";

const old = { createdAt: at(-86_400) };
const deleting = meshOf("Deleting", { ...old, updatedAt: at(2) });

describe("a delete", () => {
  it("by uid asks at once, and keeps when it was accepted by both clocks", async () => {
    const w = world({ delete: [deleting] });
    expect(await deleteMesh({ request: deleteByUid }, w)).toEqual({
      statusCode: 200,
      request: deleteByUid,
      mesh: {
        name: "prod-mesh",
        uid: "uid-1",
        phase: "Deleting",
        version: "1.18.7-r5",
        clusters: ["cluster-1"],
        createdAt: at(-86_400),
        updatedAt: at(2),
        deleteAcceptedAt: at(0),
        deleteUpdatedAt: at(2),
      },
    });
    expect(w.calls).toEqual(["delete uid-1 @0"]);
  });

  it("by name looks up the uid and deletes by that", async () => {
    const others = meshOf("Running", { ...old, name: "other-mesh", uid: "uid-9" });
    const w = world({ list: [[others, meshOf("Running", old)]], delete: [deleting] });
    expect(await deleteMesh({ request: deleteByName }, w)).toMatchObject({
      statusCode: 200,
      mesh: { uid: "uid-1" },
    });
    expect(w.calls).toEqual(["list @0", "delete uid-1 @0"]);
  });

  it("by name and uid deletes nothing when they do not belong together", async () => {
    const request = { ...deleteByUid, mesh: { uid: "uid-1", name: "dev-mesh" } };
    const w = world({ list: [[meshOf("Running", old)]] });
    const result = await deleteMesh({ request }, w);
    expect(result).toMatchObject({ statusCode: 409, error: { code: "NOT_THE_MESH_MEANT" } });
    expect(w.counts.delete).toBeUndefined();
  });

  it("by name refuses two meshes of that name and names both uids", async () => {
    const w = world({ list: [[meshOf("Running", old), meshOf("Running", { ...old, uid: "uid-2" })]] });
    const result = await deleteMesh({ request: deleteByName }, w);
    expect(result.statusCode).toBe(409);
    expect(result.error?.message).toMatch(/uid-1, uid-2/);
    expect(w.counts.delete).toBeUndefined();
  });

  it("by name never takes a mesh that is younger than the request", async () => {
    const w = world({ list: [[meshOf("Running", { createdAt: at(60) })]], startsAt: start + 120_000 });
    const result = await deleteMesh({ request: deleteByName }, w);
    expect(result.statusCode).toBe(409);
    expect(result.error?.message).toContain("after the request");
    expect(w.counts.delete).toBeUndefined();
  });

  it("takes the uid from the mesh that the flow carries", async () => {
    const w = world({ list: [[meshOf("Running", old)]], delete: [deleting] });
    const mesh = { name: "prod-mesh", uid: "uid-1" };
    expect((await deleteMesh({ request: deleteByName, mesh }, w)).statusCode).toBe(200);
    expect(w.calls.at(-1)).toBe("delete uid-1 @0");
  });

  it("refuses a request to create", async () => {
    expect(await deleteMesh({ request: createRequest }, world({}))).toMatchObject({ statusCode: 400 });
  });

  it("asks for nothing once the deadline has passed", async () => {
    const w = world({ startsAt: start + 31 * 60_000 });
    expect(await deleteMesh({ request: deleteByUid }, w)).toMatchObject({ statusCode: 504 });
    expect(w.calls).toEqual([]);
  });
});

describe("a repeated delete", () => {
  it("is 200 when no mesh has the name any more, and says so", async () => {
    expect(await deleteMesh({ request: deleteByName }, world({ list: [[]] }))).toEqual({
      statusCode: 200,
      request: deleteByName,
      mesh: { name: "prod-mesh", phase: "Gone" },
      warnings: ["There is no mesh called prod-mesh: nothing was left to delete."],
    });
  });

  it("is 200 when the DELETE answers 404 with an ASM code", async () => {
    const result = await deleteMesh({ request: deleteByUid }, world({ delete: [noSuchMesh()] }));
    expect(result).toMatchObject({ statusCode: 200, mesh: { uid: "uid-1", phase: "Gone" } });
  });

  it("is 200 when the delete that is refused is under way already", async () => {
    const w = world({
      delete: [apiError(429, "ASM.01429001")],
      get: [meshOf("Deleting", { ...old, updatedAt: at(-5) })],
    });
    expect(await deleteMesh({ request: deleteByUid }, w)).toMatchObject({
      statusCode: 200,
      mesh: { phase: "Deleting", deleteAcceptedAt: at(0) },
    });
  });
});

describe("a delete that fails", () => {
  it.each([
    ["a gateway's 404", wrongAddress(), 400],
    ["a 404 without a code", apiError(404), 400],
    ["401", apiError(401, "APIGW.0301"), 401],
    ["403", apiError(403, "ASM.01403001"), 403],
    ["an ambiguous 504", apiError(504, undefined, { ambiguous: true }), 503],
    ["no answer", apiError(undefined), 503],
    [
      "an answer that does not fit",
      new InvalidResponseError("?", { operation: "DeleteMesh", status: 200, ambiguous: true }),
      503,
    ],
  ])("with %s is never taken for deleted", async (_, error, statusCode) => {
    const result = await deleteMesh({ request: deleteByUid }, world({ delete: [error] }));
    expect(result).toMatchObject({ statusCode, mesh: { uid: "uid-1" } });
    expect(result.mesh?.phase).toBeUndefined();
  });

  it.each([
    [400, "ASM.01400001", "Creating", 503],
    [409, "ASM.01409001", "Creating", 503],
    [409, "ASM.01409001", "Running", 503],
    [429, "ASM.01429001", "Running", 503],
    [400, "ASM.01400001", "Upgrading", 503],
    [400, "ASM.01400001", "Running", 400],
  ])("with %i %s while the mesh is %3$s answers %4$i", async (status, code, phase, statusCode) => {
    const w = world({ delete: [apiError(status, code)], get: [meshOf(phase, old)] });
    expect(await deleteMesh({ request: deleteByUid }, w)).toMatchObject({
      statusCode,
      mesh: { phase },
      error: { code },
    });
  });

  it("says that a mesh which is still Creating has to end that first", async () => {
    const w = world({ delete: [apiError(400, "ASM.01400001")], get: [meshOf("Creating", old)] });
    const result = await deleteMesh({ request: deleteByUid }, w);
    expect(result.error?.hint).toBe("The mesh is still Creating, which has to end before it can be deleted.");
  });

  it("keeps the refusal when the mesh cannot be looked at", async () => {
    const w = world({ delete: [apiError(400, "ASM.01400001")], get: [apiError(503)] });
    expect(await deleteMesh({ request: deleteByUid }, w)).toMatchObject({
      statusCode: 400,
      error: { code: "ASM.01400001" },
    });
  });

  it("answers ABORTED when it is stopped", async () => {
    const controller = new AbortController();
    const w = world({
      delete: () => {
        controller.abort(new Error("stop"));
        return new Error("stop");
      },
    });
    expect(await deleteMesh({ request: deleteByUid }, { ...w, signal: controller.signal })).toMatchObject({
      statusCode: 503,
      error: { code: "ABORTED" },
    });
  });
});

describe("the limits of a delete's calls", () => {
  it("let nothing be deleted after the deadline, however long a call waits for its turn", async () => {
    const w = world({ list: [[meshOf("Running", old)]], get: [deleting], delete: [apiError(409)] });
    await deleteMesh({ request: deleteByName }, w);
    expect(w.limits).toEqual(["list @0 until 1800", "delete @0 until 1800", "get @0 until 1800"]);
  });
});

describe("a service whose clock is ahead", () => {
  it("does not make a mesh younger than the request that means it", async () => {
    const list = [[meshOf("Running", { createdAt: at(300) })]];
    const ahead = world({ list, delete: [deleting], serverAheadMs: 10 * 60_000 });
    expect(await deleteMesh({ request: deleteByName }, ahead)).toMatchObject({ statusCode: 200 });
    const right = world({ list, serverAheadMs: 0 });
    expect(await deleteMesh({ request: deleteByName }, right)).toMatchObject({ statusCode: 409 });
  });
});
