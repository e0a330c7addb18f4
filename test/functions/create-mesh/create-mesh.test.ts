import { describe, expect, it } from "vitest";
import { createMesh } from "../../../functions/create-mesh/create-mesh.ts";
import { CredentialsError, InvalidResponseError } from "../../../shared/huaweicloud/errors.ts";
import {
  apiError,
  at,
  createRequest,
  deleteByUid,
  lostAnswer,
  meshOf,
  nameTaken,
  start,
  world,
  wrongAddress,
} from "../world.ts";

const input = { request: createRequest };
const ours = {
  name: "prod-mesh",
  uid: "uid-1",
  version: "1.18.7-r5",
  clusters: ["cluster-1"],
  createdAt: at(1),
};

describe("a create", () => {
  it("looks first, then asks once, and answers with the uid", async () => {
    const w = world({ list: [[]], create: [meshOf("Creating")], callMs: 500 });
    expect(await createMesh(input, w)).toEqual({
      statusCode: 200,
      request: createRequest,
      mesh: { ...ours, phase: "Creating", acceptedAt: at(1) },
    });
    expect(w.calls).toEqual(["list @0", "create @0.5"]);
  });

  it("carries the warnings about the mesh", async () => {
    const request = {
      requestId: "r",
      action: "create",
      mesh: { name: "prod-mesh", clusters: [{ id: "cluster-1", nodes: ["node-1"] }] },
    };
    const w = world({ list: [[]], create: [meshOf("Creating")] });
    const result = await createMesh({ request }, w);
    expect(result.statusCode).toBe(200);
    expect(result.warnings?.join()).toMatch(/node/);
  });

  it("asks nothing of the service about a request that is not valid, and names every fault", async () => {
    const w = world({});
    const request = { ...createRequest, mesh: { name: "X", clusters: [] }, requestedAt: "yesterday" };
    const result = await createMesh({ request }, w);
    expect(result).toMatchObject({ statusCode: 400, request, error: { code: "INVALID_REQUEST" } });
    expect(result.error?.message).toMatch(/requestedAt/);
    expect(result.error?.message).toMatch(/mesh\.name/);
    expect(result.error?.message).toMatch(/mesh\.clusters/);
    expect(w.calls).toEqual([]);
  });

  it.each([[undefined], [null], ["text"], [{}], [{ request: null }], [[]]])(
    "answers 400 to %j",
    async (bad) => {
      expect(await createMesh(bad, world({}))).toMatchObject({ statusCode: 400 });
    },
  );

  it("refuses a request to delete", async () => {
    const result = await createMesh({ request: deleteByUid }, world({}));
    expect(result).toMatchObject({ statusCode: 400, request: deleteByUid });
    expect(result.error?.message).toContain("action: must be create here, not delete");
  });
});

describe("a repeated create", () => {
  it.each([["Creating"], ["Running"], ["SomethingNew"]])(
    "adopts the mesh that an earlier attempt has made when it is %s",
    async (phase) => {
      const w = world({ list: [[meshOf("Running", { name: "other-mesh", uid: "uid-9" }), meshOf(phase)]] });
      expect(await createMesh(input, w)).toMatchObject({
        statusCode: 200,
        adopted: true,
        mesh: { ...ours, phase, acceptedAt: at(0) },
      });
      expect(w.calls).toEqual(["list @0"]);
    },
  );

  it("answers 422 with a diagnosis when the mesh it adopts has failed", async () => {
    const result = await createMesh(input, world({ list: [[meshOf("CreateFailed")]] }));
    expect(result).toMatchObject({
      statusCode: 422,
      mesh: { uid: "uid-1", phase: "CreateFailed" },
      error: { code: "CREATE_FAILED", message: "prod-mesh (uid uid-1): The mesh is CreateFailed." },
    });
    expect(result.error?.hint).toContain("istio-system");
  });

  it.each([
    ["in another cluster", meshOf("Running", { cluster: "cluster-9" }), "cluster-9"],
    ["older than the request", meshOf("Running", { createdAt: at(-3600) }), "before the request"],
  ])("refuses a mesh of the same name that is %s, and touches nothing", async (_, mesh, why) => {
    const w = world({ list: [[mesh]] });
    const result = await createMesh(input, w);
    expect(result).toMatchObject({ statusCode: 409, error: { code: "NAME_TAKEN" } });
    expect(result.error?.message).toContain(why);
    expect(w.calls).toEqual(["list @0"]);
  });
});

describe("a create whose answer is lost", () => {
  it("is settled by the list: one POST, however late the mesh shows up", async () => {
    const w = world({
      list: (call) => (call < 5 ? [] : [meshOf("Creating", { createdAt: at(1) })]),
      create: [lostAnswer()],
    });
    expect(await createMesh(input, w)).toMatchObject({
      statusCode: 200,
      adopted: true,
      mesh: { uid: "uid-1" },
    });
    expect(w.counts).toEqual({ list: 6, create: 1 });
    expect(w.waits).toEqual([2000, 3000, 4500, 6750]);
  });

  it("is 503 after looking for 60 s, the last look at the very end, so that the flow tries again", async () => {
    const w = world({ list: [[]], create: [lostAnswer()] });
    expect(await createMesh(input, w)).toMatchObject({
      statusCode: 503,
      error: { code: "OUTCOME_UNKNOWN", requestId: "huawei-7" },
    });
    expect(w.calls.at(-1)).toBe("list @60");
    expect(w.counts.create).toBe(1);
  });

  it("says what is known of the answer's cause too", async () => {
    const doubt = apiError(500, "ASM.01500001", { ambiguous: true, message: "cluster quota exceeded" });
    const { error } = await createMesh(input, world({ list: [[]], create: [doubt] }));
    expect(error?.hint).toMatch(/My Quotas.*It is safe to try again/);
  });

  it.each([
    ["has no uid", () => ({ ...meshOf("Creating"), metadata: { name: "prod-mesh" } })],
    [
      "does not fit its schema",
      () =>
        new InvalidResponseError("What is this?", {
          operation: "CreateMesh",
          status: 201,
          ambiguous: true,
        }),
    ],
    ["is an error that nobody knows", () => new TypeError("boom")],
  ])("counts as lost when it %s", async (_, answer) => {
    const w = world({ list: (call) => (call === 0 ? [] : [meshOf("Creating")]), create: [answer()] });
    expect(await createMesh(input, w)).toMatchObject({ statusCode: 200, mesh: { uid: "uid-1" } });
  });

  it("is refused when the mesh behind the name turns out to be another's", async () => {
    const w = world({
      list: (call) => (call === 0 ? [] : [meshOf("Running", { cluster: "cluster-9" })]),
      create: [lostAnswer()],
    });
    expect(await createMesh(input, w)).toMatchObject({ statusCode: 409, error: { code: "NAME_TAKEN" } });
  });

  it("bears a list that fails for a while", async () => {
    const w = world({
      list: (call) => (call === 0 ? [] : call < 3 ? apiError(502) : [meshOf("Creating")]),
      create: [lostAnswer()],
    });
    expect(await createMesh(input, w)).toMatchObject({ statusCode: 200 });
  });

  it("stops looking at the deadline", async () => {
    const request = { ...createRequest, deadline: at(30) };
    const w = world({ list: [[]], create: [lostAnswer()] });
    const result = await createMesh({ request }, w);
    expect(result).toMatchObject({ statusCode: 504, error: { code: "DEADLINE_PASSED" } });
    expect(result.error?.message).toContain("Whether it was created is not known");
    expect(w.calls.at(-1)).toBe("list @30");
  });
});

it("does not hide that a mesh may exist behind an error that ends the looking", async () => {
  const w = world({
    list: (call) => (call === 0 ? [] : apiError(403, "APIGW.0302")),
    create: [lostAnswer()],
  });
  const result = await createMesh(input, w);
  expect(result).toMatchObject({ statusCode: 403, error: { code: "APIGW.0302", requestId: "huawei-7" } });
  expect(result.error?.message).toMatch(/^Whether prod-mesh was created is not known\. /);
  expect(result.error?.hint).toContain("asm:mesh:list");
});

describe("a create that is refused because the name exists", () => {
  it("adopts the mesh when it is ours after all", async () => {
    const w = world({ list: (call) => (call < 3 ? [] : [meshOf("Creating")]), create: [nameTaken()] });
    expect(await createMesh(input, w)).toMatchObject({ statusCode: 200, mesh: { uid: "uid-1" } });
    expect(w.counts.create).toBe(1);
  });

  it("is 409 when another's mesh shows up", async () => {
    const w = world({
      list: (call) => (call === 0 ? [] : [meshOf("Running", { createdAt: at(-86_400) })]),
      create: [nameTaken()],
    });
    expect(await createMesh(input, w)).toMatchObject({ statusCode: 409, error: { code: "NAME_TAKEN" } });
  });

  it("is 409 'taken elsewhere' when no mesh of the project has the name, without another POST", async () => {
    const w = world({ list: [[]], create: [nameTaken()] });
    const result = await createMesh(input, w);
    expect(result).toMatchObject({
      statusCode: 409,
      error: { code: "ASM.01409001", requestId: "huawei-7" },
    });
    expect(result.error?.message).toContain("taken elsewhere");
    expect(w.counts.create).toBe(1);
    expect(w.calls.at(-1)).toBe("list @10");
  });
});

describe("a create that is refused because the name exists, when an earlier attempt may have made it", () => {
  it("gives the list a minute to show the mesh", async () => {
    const startsAt = start + 20_000;
    const late = world({
      startsAt,
      create: [nameTaken()],
      list: () => (late.now() < start + 70_000 ? [] : [meshOf("Creating")]),
    });
    expect(await createMesh(input, late)).toMatchObject({ statusCode: 200, mesh: { uid: "uid-1" } });
    const never = world({ startsAt, create: [nameTaken()], list: [[]] });
    expect(await createMesh(input, never)).toMatchObject({ statusCode: 409 });
    expect(never.calls.at(-1)).toBe("list @80");
  });
});

describe("a create that fails", () => {
  it("does not call a name taken elsewhere while the list cannot be read", async () => {
    const w = world({ list: (call) => (call === 0 ? [] : apiError(502)), create: [nameTaken()] });
    expect(await createMesh(input, w)).toMatchObject({ statusCode: 503, error: { code: "HTTP_502" } });
  });

  it("for want of credentials is not looked for", async () => {
    const w = world({ list: [[]], create: [new CredentialsError("Set HUAWEICLOUD_SDK_AK.")] });
    expect(await createMesh(input, w)).toMatchObject({
      statusCode: 401,
      error: { code: "NO_CREDENTIALS", message: "Set HUAWEICLOUD_SDK_AK." },
    });
    expect(w.counts.list).toBe(1);
  });

  it("with a 429 that no waiting cures is permanent", async () => {
    const w = world({ list: [[]], create: [apiError(429, "CCE.01429004", { retryable: false })] });
    expect(await createMesh(input, w)).toMatchObject({ statusCode: 403, error: { code: "CCE.01429004" } });
  });

  it.each([
    [400, "ASM.01400001", 400],
    [401, "APIGW.0301", 401],
    [403, "ASM.01403001", 403],
    [422, "ASM.01422001", 422],
    [405, "APIGW.0501", 400],
    [404, "APIGW.0101", 400],
    [429, "APIGW.0308", 503],
    [503, "APIGW.0613", 503],
  ])("with %i %s answers %i and keeps code and request id", async (status, code, statusCode) => {
    const w = world({ list: [[]], create: [apiError(status, code)] });
    expect(await createMesh(input, w)).toMatchObject({
      statusCode,
      request: createRequest,
      error: { code, requestId: "huawei-7" },
    });
    expect(w.counts.create).toBe(1);
  });

  it("asks for no mesh when it could not look first", async () => {
    const w = world({ list: [apiError(503)] });
    expect(await createMesh(input, w)).toMatchObject({ statusCode: 503 });
    expect(w.counts.create).toBeUndefined();
  });

  it("calls a gateway's 404 a wrong address", async () => {
    const result = await createMesh(input, world({ list: [wrongAddress()] }));
    expect(result).toMatchObject({ statusCode: 400, error: { code: "APIGW.0101" } });
    expect(result.error?.hint).toContain("address is wrong");
  });
});

describe("the deadline of a create", () => {
  const late = start + 31 * 60_000;

  it("once passed, is 504 without a POST", async () => {
    const w = world({ startsAt: late, list: [[]] });
    const result = await createMesh(input, w);
    expect(result).toMatchObject({ statusCode: 504, error: { code: "DEADLINE_PASSED" } });
    expect(w.counts.create).toBeUndefined();
  });

  it("is 504 also when the service cannot be reached any more", async () => {
    expect(await createMesh(input, world({ startsAt: late, list: [apiError(503)] }))).toMatchObject({
      statusCode: 504,
    });
  });

  it("does not hide the mesh that an earlier attempt has made", async () => {
    const result = await createMesh(input, world({ startsAt: late, list: [[meshOf("Creating")]] }));
    expect(result).toMatchObject({ statusCode: 504, mesh: { uid: "uid-1" } });
    expect(result.error?.message).toContain("The mesh exists and is Creating.");
  });

  it("does not make a failure of a mesh that runs", async () => {
    const w = world({ startsAt: late, list: [[meshOf("Running")]] });
    expect(await createMesh(input, w)).toMatchObject({ statusCode: 200, mesh: { phase: "Running" } });
  });
});

it("answers ABORTED when it is stopped while looking", async () => {
  const controller = new AbortController();
  const w = world({
    create: [lostAnswer()],
    list: (call) => {
      if (call === 2) controller.abort(new Error("cancelled by the operator"));
      return [];
    },
  });
  expect(await createMesh(input, { ...w, signal: controller.signal })).toMatchObject({
    statusCode: 503,
    error: {
      code: "ABORTED",
      message: "Whether prod-mesh was created is not known. Stopped: cancelled by the operator",
    },
  });
});

it("says that the mesh may exist when it is stopped while it asks, and not when it has not asked", async () => {
  const stopAt = async (kind: "list" | "create") => {
    const controller = new AbortController();
    const w = world({ list: [[]], create: [lostAnswer()] });
    const stop = async (): Promise<never> => {
      controller.abort(new Error("shut down"));
      throw controller.signal.reason;
    };
    const listMeshes =
      kind === "list"
        ? stop
        : async () => {
            controller.signal.throwIfAborted();
            return w.asm.listMeshes();
          };
    const asm = { ...w.asm, listMeshes, createMesh: stop };
    return (await createMesh(input, { ...w, asm, signal: controller.signal })).error?.message;
  };
  expect(await stopAt("create")).toBe("Whether prod-mesh was created is not known. Stopped: shut down");
  expect(await stopAt("list")).toBe("Stopped: shut down");
});

describe("the limits of a create's calls", () => {
  it("let nothing be asked for after the deadline, however long a call waits for its turn", async () => {
    const w = world({ list: (call) => (call === 0 ? [] : [meshOf("Creating")]), create: [lostAnswer()] });
    await createMesh(input, w);
    expect(w.limits).toEqual(["list @0 until 1800", "create @0 until 1800", "list @0 until 1800"]);
  });

  it("give a last look 10 s", async () => {
    const w = world({ startsAt: start + 31 * 60_000, list: [[]] });
    await createMesh(input, w);
    expect(w.limits).toEqual(["list @1860 until 1870"]);
  });
});

describe("a clock that is wrong", () => {
  const ourClockIsAhead = (minutes: number, serverAheadMs?: number) =>
    world({
      list: (call) => (call === 0 ? [] : [meshOf("Creating", { createdAt: at(-60 * minutes) })]),
      create: [lostAnswer()],
      ...(serverAheadMs !== undefined && { serverAheadMs }),
    });

  it("does not make a foreign mesh of ours, since every list tells the service's time", async () => {
    const minute = 60_000;
    expect(await createMesh(input, ourClockIsAhead(12, -12 * minute))).toMatchObject({ statusCode: 200 });
    expect(await createMesh(input, ourClockIsAhead(12, 0))).toMatchObject({ statusCode: 409 });
    expect(await createMesh(input, ourClockIsAhead(12))).toMatchObject({ statusCode: 409 });
  });

  it("that wrote the request does not make a foreign mesh of ours either", async () => {
    const w = world({ list: (call) => (call === 0 ? [] : [meshOf("Creating")]), create: [lostAnswer()] });
    const request = { ...createRequest, requestedAt: at(12 * 60), deadline: at(42 * 60) };
    expect(await createMesh({ request }, w)).toMatchObject({ statusCode: 200, adopted: true });
  });

  it("is believed for a day at most", async () => {
    const day = 24 * 60 * 60_000;
    expect(await createMesh(input, ourClockIsAhead(25 * 60, -2 * day))).toMatchObject({ statusCode: 409 });
  });
});

it("says of a foreign mesh that is being deleted to ask again when it is gone", async () => {
  const w = world({ list: [[meshOf("Deleting", { createdAt: at(-3600) })]] });
  expect(await createMesh(input, w)).toMatchObject({
    statusCode: 409,
    error: { hint: "It is being deleted: ask again when it is gone." },
  });
});
