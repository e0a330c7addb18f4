import { describe, expect, it } from "vitest";
import { pollStatus } from "../../../functions/poll-status/poll-status.ts";
import type { Mesh } from "../../../shared/asm/schema.ts";
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

const create = { request: createRequest, mesh: { name: "prod-mesh", uid: "uid-1", acceptedAt: at(1) } };
const remove = {
  request: deleteByUid,
  mesh: { name: "prod-mesh", uid: "uid-1", deleteAcceptedAt: at(0), deleteUpdatedAt: at(0) },
};
const creating = meshOf("Creating");
const old = { createdAt: at(-86_400) };
const minutes = 60_000;

describe("waiting for a create", () => {
  it("ends with 200 at Running and tells how often what was seen", async () => {
    const w = world({ get: [creating, creating, meshOf("Running", { updatedAt: at(25) })] });
    expect(await pollStatus(create, w)).toEqual({
      statusCode: 200,
      request: createRequest,
      mesh: {
        name: "prod-mesh",
        uid: "uid-1",
        phase: "Running",
        version: "1.18.7-r5",
        clusters: ["cluster-1"],
        createdAt: at(1),
        updatedAt: at(25),
        acceptedAt: at(1),
      },
      observed: { Creating: 2, Running: 1 },
    });
    expect(w.calls).toEqual(["get uid-1 @0", "get uid-1 @10", "get uid-1 @25"]);
  });

  it("waits longer each time, by half, up to 30 s", async () => {
    const w = world({ get: [creating] });
    await pollStatus({ ...create, waitSeconds: 150 }, w);
    expect(w.waits).toEqual([10_000, 15_000, 22_500, 30_000, 30_000, 30_000, 12_500]);
  });

  it.each([
    [0, 8000],
    [0.999999, 12_000],
  ])("spreads each wait by 20 %% (random %f: %i ms)", async (random, wait) => {
    const w = world({ get: [creating], random: () => random });
    await pollStatus(create, w);
    expect(Math.round(w.waits[0]!)).toBe(wait);
  });

  it("answers 202 after waitSeconds, with a last look at the very end", async () => {
    const w = world({ get: [creating] });
    expect(await pollStatus({ ...create, waitSeconds: 40 }, w)).toMatchObject({
      statusCode: 202,
      mesh: { uid: "uid-1", phase: "Creating" },
      observed: { Creating: 4 },
    });
    expect(w.calls.at(-1)).toBe("get uid-1 @40");
  });

  it("looks once when waitSeconds is 0", async () => {
    const w = world({ get: [creating] });
    expect((await pollStatus({ ...create, waitSeconds: 0 }, w)).statusCode).toBe(202);
    expect(w.counts).toEqual({ get: 1 });
  });

  it("never waits longer than 10 min in one call", async () => {
    const w = world({ get: [creating] });
    await pollStatus({ ...create, waitSeconds: 86_400 }, w);
    expect(w.calls.at(-1)).toBe("get uid-1 @600");
  });

  it("goes on with the counts it is given", async () => {
    const w = world({ get: [creating] });
    const observed = { Creating: 11, unreachable: 1 };
    expect(await pollStatus({ ...create, observed, waitSeconds: 0 }, w)).toMatchObject({
      observed: { Creating: 12, unreachable: 1 },
    });
  });

  it("takes null for what a flow could not fill", async () => {
    const w = world({ get: [meshOf("Running")] });
    const input = { ...create, observed: null, warnings: null, waitSeconds: null };
    expect(await pollStatus(input, w)).toMatchObject({ statusCode: 200, observed: { Running: 1 } });
  });

  it.each([["60"], [-1], [Number.NaN]])("answers 400 to waitSeconds %j", async (waitSeconds) => {
    const result = await pollStatus({ ...create, waitSeconds }, world({}));
    expect(result).toMatchObject({ statusCode: 400 });
    expect(result.error?.message).toContain("waitSeconds");
  });

  it.each([
    ["CreateFailed", "CREATE_FAILED", "istio-system"],
    ["Deleting", "DELETING", "Somebody deletes"],
    ["UpgradeFailed", "UPGRADE_FAILED", "upgrade"],
  ])("ends with 422 and a diagnosis at %s", async (phase, code, hint) => {
    const result = await pollStatus(create, world({ get: [creating, meshOf(phase)] }));
    expect(result).toMatchObject({ statusCode: 422, mesh: { uid: "uid-1", phase }, error: { code } });
    expect(result.error?.hint).toContain(hint);
  });

  it("survives phases that nobody knows, and an answer without one, with one warning each", async () => {
    const w = world({
      get: [meshOf("Polishing"), meshOf("Polishing"), meshOf(undefined), meshOf("Running")],
    });
    const result = await pollStatus({ ...create, waitSeconds: 300 }, w);
    expect(result).toMatchObject({ statusCode: 200, observed: { Polishing: 2, noPhase: 1, Running: 1 } });
    expect(result.warnings).toHaveLength(2);
    expect(result.warnings?.[0]).toContain("Polishing");
  });

  it("warns once, with a diagnosis, of a mesh that is still Creating after 15 min", async () => {
    const w = world({ get: [creating], startsAt: start + 14.9 * minutes });
    const result = await pollStatus({ ...create, waitSeconds: 120 }, w);
    expect(result.statusCode).toBe(202);
    expect(result.warnings).toHaveLength(1);
    expect(result.warnings?.[0]).toMatch(
      /^The mesh has been Creating since 2026-11-24T08:00:01.*istio-system/,
    );
    const again = await pollStatus({ ...create, ...result, waitSeconds: 0 }, w);
    expect(again.warnings).toEqual(result.warnings);
  });

  it("does not warn before that", async () => {
    const w = world({ get: [creating], startsAt: start + 14 * minutes });
    expect((await pollStatus({ ...create, waitSeconds: 30 }, w)).warnings).toBeUndefined();
  });
});

describe("waiting without a uid", () => {
  it("finds the mesh of a create in the list, then goes by its uid", async () => {
    const w = world({ list: [[], [creating]], get: [meshOf("Running")] });
    expect(await pollStatus({ request: createRequest }, w)).toMatchObject({
      statusCode: 200,
      mesh: { uid: "uid-1" },
      observed: { notFound: 1, Creating: 1, Running: 1 },
    });
    expect(w.calls).toEqual(["list @0", "list @10", "get uid-1 @25"]);
  });

  it("ends with 409 when the name is another's", async () => {
    const w = world({ list: [[meshOf("Running", { cluster: "cluster-9" })]] });
    expect(await pollStatus({ request: createRequest }, w)).toMatchObject({
      statusCode: 409,
      error: { code: "NAME_TAKEN" },
    });
  });

  it("ends with 200 when no mesh has the name of a delete", async () => {
    const w = world({ list: [[]] });
    const mesh = { name: "prod-mesh", phase: "Gone" };
    expect(await pollStatus({ request: deleteByName, mesh }, w)).toEqual({
      statusCode: 200,
      request: deleteByName,
      mesh,
      observed: { notFound: 1 },
    });
  });
});

it("does not take a list that is not found for the end of a delete", async () => {
  const result = await pollStatus({ request: deleteByName }, world({ list: [noSuchMesh()] }));
  expect(result).toMatchObject({ statusCode: 404, error: { code: "ASM.01404001" } });
});

it("counts a phase whatever it is called", async () => {
  const w = world({ get: [meshOf("constructor")] });
  expect(await pollStatus({ ...create, waitSeconds: 0 }, w)).toMatchObject({
    statusCode: 202,
    observed: { constructor: 1 },
  });
});

describe("a mesh that is not found after its create", () => {
  it("has 60 s to appear, counted from the create", async () => {
    const w = world({ get: (call) => (call < 3 ? noSuchMesh() : creating) });
    const result = await pollStatus({ ...create, waitSeconds: 50 }, w);
    expect(result).toMatchObject({ statusCode: 202, observed: { notFound: 3, Creating: 2 } });
    expect(result.mesh).not.toHaveProperty("missingSince");
  });

  it("has vanished (410) after that", async () => {
    const w = world({ get: [noSuchMesh()] });
    const result = await pollStatus({ ...create, waitSeconds: 200 }, w);
    expect(result).toMatchObject({ statusCode: 410, error: { code: "VANISHED" } });
    expect(w.calls.at(-1)).toBe("get uid-1 @77.5");
  });

  it("has vanished at the second look when the create was long ago", async () => {
    const w = world({ get: [noSuchMesh()], startsAt: start + 5 * minutes });
    expect((await pollStatus(create, w)).statusCode).toBe(410);
    expect(w.counts.get).toBe(2);
  });

  it("is not given up for one look that found nothing", async () => {
    const w = world({ get: [noSuchMesh(), meshOf("Running")], startsAt: start + 5 * minutes });
    expect((await pollStatus(create, w)).statusCode).toBe(200);
  });

  it("has 60 s from the first miss when nobody knows when it was created, across calls", async () => {
    const w = world({ get: [noSuchMesh()] });
    const first = await pollStatus(
      { request: createRequest, mesh: { name: "prod-mesh", uid: "uid-1" }, waitSeconds: 20 },
      w,
    );
    expect(first).toMatchObject({ statusCode: 202, mesh: { missingSince: at(0) } });
    w.elapse(30_000);
    const second = await pollStatus({ ...first, waitSeconds: 20 }, w);
    expect(second).toMatchObject({ statusCode: 410, observed: { notFound: 6 } });
  });
});

describe("waiting for a delete", () => {
  it("ends with 200 at a 404 with an ASM code", async () => {
    const w = world({ get: [meshOf("Deleting", old), noSuchMesh()] });
    const result = await pollStatus(remove, w);
    expect(result).toMatchObject({
      statusCode: 200,
      mesh: { uid: "uid-1", phase: "Gone" },
      observed: { Deleting: 1, notFound: 1 },
    });
    expect(result.mesh).not.toHaveProperty("missingSince");
  });

  it.each([
    ["of a gateway", wrongAddress()],
    ["without a code", apiError(404)],
  ])("never takes a 404 %s for the end", async (_, error) => {
    const result = await pollStatus(remove, world({ get: [error] }));
    expect(result).toMatchObject({ statusCode: 400, mesh: { uid: "uid-1" } });
    expect(result.error?.hint).toContain("address is wrong");
    expect(result.mesh?.phase).toBeUndefined();
  });

  it("ends with 422 at a DeleteFailed that is newer than the delete", async () => {
    const w = world({ get: [meshOf("DeleteFailed", { ...old, updatedAt: at(5) })] });
    const result = await pollStatus(remove, w);
    expect(result).toMatchObject({ statusCode: 422, error: { code: "DELETE_FAILED" } });
    expect(result.error?.hint).toContain("istio-master");
  });

  it("compares a DeleteFailed with the delete by the service's clock, which may be behind ours", async () => {
    const mesh = { ...remove.mesh, deleteUpdatedAt: at(-600) };
    const w = world({ get: [meshOf("DeleteFailed", { ...old, updatedAt: at(-590) })] });
    expect(await pollStatus({ ...remove, mesh }, w)).toMatchObject({
      statusCode: 422,
      error: { code: "DELETE_FAILED" },
    });
  });

  it("bears a DeleteFailed from before the delete", async () => {
    const w = world({ get: [meshOf("DeleteFailed", { ...old, updatedAt: at(-500) }), noSuchMesh()] });
    expect((await pollStatus(remove, w)).statusCode).toBe(200);
  });

  it.each([["Running"], ["CreateFailed"]])(
    "bears %s for 60 s, then says that it was not accepted",
    async (phase) => {
      const w = world({ get: [meshOf(phase, old)] });
      const result = await pollStatus({ ...remove, waitSeconds: 200 }, w);
      expect(result).toMatchObject({ statusCode: 422, error: { code: "DELETE_NOT_ACCEPTED" } });
      expect(w.calls.at(-1)).toBe("get uid-1 @77.5");
    },
  );

  it("keeps for the next call when the delete was accepted", async () => {
    const w = world({ get: [meshOf("Running", old)] });
    const result = await pollStatus({ ...remove, waitSeconds: 30 }, w);
    expect(result).toMatchObject({ statusCode: 202, mesh: remove.mesh });
  });
});

describe("looks that fail", () => {
  it("are borne and counted", async () => {
    const w = world({
      get: [
        apiError(502),
        apiError(undefined),
        new InvalidResponseError("<html>", { operation: "ShowMesh", status: 200, ambiguous: false }),
        meshOf("Running"),
      ],
    });
    const result = await pollStatus({ ...create, waitSeconds: 200 }, w);
    expect(result).toMatchObject({ statusCode: 200, observed: { unreachable: 3, Running: 1 } });
    expect(result.mesh).not.toHaveProperty("unreachableSince");
  });

  it("are 503 after 10 in a row", async () => {
    const w = world({ get: [apiError(502, "APIGW.0610")] });
    const result = await pollStatus({ ...create, waitSeconds: 300 }, { ...w, maxIntervalMs: 10_000 });
    expect(result).toMatchObject({
      statusCode: 503,
      observed: { unreachable: 11 },
      error: { code: "APIGW.0610", requestId: "huawei-7" },
    });
    expect(result.error?.message).toContain("could not be looked at 11 times in a row");
  });

  it("are 503 after 5 min", async () => {
    const w = world({ get: [apiError(502)], callMs: 50_000 });
    const result = await pollStatus({ ...create, waitSeconds: 600 }, w);
    expect(result).toMatchObject({ statusCode: 503, observed: { unreachable: 6 } });
  });

  it("start again from nothing after one that does not", async () => {
    const w = world({ get: (call) => (call % 8 === 7 ? creating : apiError(502)) });
    const result = await pollStatus({ ...create, waitSeconds: 590 }, w);
    expect(result.statusCode).toBe(202);
    expect(result.observed?.unreachable).toBeGreaterThan(15);
  });

  it("are counted across calls, and afresh after a 503", async () => {
    const w = world({ get: [apiError(502)] });
    const first = await pollStatus({ ...create, waitSeconds: 60 }, w);
    expect(first).toMatchObject({ statusCode: 202, mesh: { unreachableInRow: 5, unreachableSince: at(0) } });
    w.elapse(5 * minutes);
    const second = await pollStatus({ ...first, waitSeconds: 0 }, w);
    expect(second.statusCode).toBe(503);
    expect((await pollStatus({ ...second, waitSeconds: 0 }, w)).statusCode).toBe(202);
  });

  it.each([
    [401, "APIGW.0301"],
    [403, "ASM.01403001"],
    [400, "ASM.01400001"],
  ])("with %i are permanent at once", async (status, code) => {
    const w = world({ get: [creating, apiError(status, code)] });
    expect(await pollStatus(create, w)).toMatchObject({
      statusCode: status,
      mesh: { uid: "uid-1", phase: "Creating" },
      observed: { Creating: 1 },
      error: { code },
    });
  });
});

describe("the deadline", () => {
  const request = { ...createRequest, deadline: at(50) };

  it("cuts the last wait, and the look at it still counts", async () => {
    const w = world({ get: (): Mesh => (w.now() < start + 50_000 ? creating : meshOf("Running")) });
    expect(await pollStatus({ ...create, request, waitSeconds: 300 }, w)).toMatchObject({ statusCode: 200 });
    expect(w.calls.at(-1)).toBe("get uid-1 @50");
  });

  it("is 504 and says what was seen", async () => {
    const w = world({ get: (call) => (call === 1 ? apiError(502) : creating) });
    const result = await pollStatus({ ...create, request, observed: { Creating: 8 }, waitSeconds: 300 }, w);
    expect(result).toMatchObject({
      statusCode: 504,
      mesh: { uid: "uid-1", phase: "Creating" },
      observed: { Creating: 12, unreachable: 1 },
      error: { code: "DEADLINE_PASSED" },
    });
    expect(result.error?.message).toBe(
      `The deadline ${at(50)} of the create of prod-mesh has passed. Seen: Creating 12 times, unreachable once; last phase Creating since ${at(1)}.`,
    );
  });

  it("that passed while nobody looked still gets its look", async () => {
    const late = { startsAt: start + 3600_000 };
    expect(await pollStatus(create, world({ ...late, get: [meshOf("Running")] }))).toMatchObject({
      statusCode: 200,
    });
    expect(await pollStatus(create, world({ ...late, get: [creating] }))).toMatchObject({ statusCode: 504 });
    expect(await pollStatus(create, world({ ...late, get: [apiError(503)] }))).toMatchObject({
      statusCode: 504,
    });
  });
});

describe("a stop", () => {
  it("before the first look is ABORTED", async () => {
    const signal = AbortSignal.abort(new Error("cancelled"));
    const get = () => new Error("aborted");
    expect(await pollStatus(create, { ...world({ get }), signal })).toMatchObject({
      statusCode: 503,
      error: { code: "ABORTED", message: "Stopped: cancelled" },
    });
  });

  it("interrupts the wait and keeps what was seen", async () => {
    const controller = new AbortController();
    const { asm, now } = world({ get: [creating] });
    const polling = pollStatus(create, {
      asm,
      now,
      signal: controller.signal,
      onObserved: () => setImmediate(() => controller.abort(new Error("cancelled"))),
    });
    await expect(polling).resolves.toMatchObject({
      statusCode: 503,
      error: { code: "ABORTED" },
      mesh: { uid: "uid-1", phase: "Creating" },
      observed: { Creating: 1 },
    });
  });
});

it("reports each look", async () => {
  const seen: { phase: string; at: number }[] = [];
  const w = world({ get: [noSuchMesh(), apiError(502), meshOf("Running")] });
  await pollStatus(create, { ...w, onObserved: (observed) => seen.push(observed) });
  expect(seen).toEqual([
    { phase: "notFound", at: start },
    { phase: "unreachable", at: start + 10_000 },
    { phase: "Running", at: start + 25_000 },
  ]);
});

describe("the limits of a look", () => {
  it("are the end of the wait, with 10 s more for the last look", async () => {
    const w = world({ get: [creating], random: () => 0.5 });
    await pollStatus({ ...create, waitSeconds: 20 }, w);
    expect(w.limits).toEqual(["get @0 until 20", "get @10 until 20", "get @20 until 30"]);
  });

  it("are the deadline where that comes first", async () => {
    const request = { ...createRequest, deadline: at(15) };
    const w = world({ get: [creating] });
    await pollStatus({ ...create, request, waitSeconds: 200 }, w);
    expect(w.limits).toEqual(["get @0 until 15", "get @10 until 20", "get @15 until 25"]);
  });
});
