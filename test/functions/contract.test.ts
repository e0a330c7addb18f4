import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMesh } from "../../functions/create-mesh/create-mesh.ts";
import { deleteMesh } from "../../functions/delete-mesh/delete-mesh.ts";
import { notify } from "../../functions/notify/notify.ts";
import { pollStatus } from "../../functions/poll-status/poll-status.ts";
import { PHASES } from "../../shared/asm/phase.ts";
import type { Mesh } from "../../shared/asm/schema.ts";
import { CredentialsError, InvalidResponseError } from "../../shared/huaweicloud/errors.ts";
import { apiError, at, createRequest, deleteByName, deleteByUid, start, world } from "./world.ts";

const contract = [200, 202, 400, 401, 403, 404, 409, 410, 422, 503, 504];

const phase = fc.option(fc.oneof(fc.constantFrom(...PHASES), fc.string()), { nil: undefined });
const time = fc.oneof(
  fc.integer({ min: -100_000, max: 4000 }).map(at),
  fc.constant(undefined),
  fc.constant("not a time"),
);
const mesh: fc.Arbitrary<Mesh> = fc
  .record({
    phase,
    uid: fc.constantFrom("uid-1", "uid-2", undefined),
    name: fc.constantFrom("prod-mesh", "other-mesh"),
    cluster: fc.constantFrom("cluster-1", "cluster-9", undefined),
    createdAt: time,
    updatedAt: time,
  })
  .map(({ phase, uid, name, cluster, createdAt, updatedAt }) => ({
    metadata: { name, uid, creationTimestamp: createdAt },
    ...(cluster && { spec: { extendParams: { clusters: [{ clusterID: cluster }] } } }),
    ...(phase !== undefined && { status: { phase, updateTimestamp: updatedAt } }),
  }));

const error: fc.Arbitrary<Error> = fc.oneof(
  fc
    .record({
      status: fc.constantFrom(
        undefined,
        400,
        401,
        403,
        404,
        405,
        408,
        409,
        410,
        413,
        422,
        429,
        500,
        502,
        503,
        504,
      ),
      code: fc.constantFrom(
        undefined,
        "ASM.01404001",
        "ASM.01409001",
        "ASM.01429001",
        "APIGW.0101",
        "APIGW.0308",
        "?",
      ),
      retryable: fc.boolean(),
      ambiguous: fc.boolean(),
    })
    .map(({ status, code, ...more }) => apiError(status, code, more)),
  fc.constantFrom<Error>(
    new InvalidResponseError("not JSON", { operation: "X", status: 200, ambiguous: true }),
    new CredentialsError("no credentials"),
    new TypeError("fetch failed"),
    new Error(""),
  ),
);
const script = <T>(answer: fc.Arbitrary<T>) =>
  fc.array(fc.oneof(answer, error as fc.Arbitrary<T | Error>), { minLength: 1, maxLength: 6 });

const asked = fc.record({
  input: fc.record(
    {
      request: fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom<unknown>(createRequest, deleteByUid, deleteByName) },
        { weight: 1, arbitrary: fc.jsonValue() },
      ),
      mesh: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom<unknown>(undefined, { name: "prod-mesh", uid: "uid-1" }) },
        {
          weight: 1,
          arbitrary: fc.record({
            name: fc.jsonValue(),
            uid: fc.jsonValue(),
            acceptedAt: fc.jsonValue(),
            unreachableSince: fc.jsonValue(),
            unreachableInRow: fc.jsonValue(),
          }),
        },
      ),
      waitSeconds: fc.oneof(fc.integer({ min: 0, max: 700 }), fc.jsonValue()),
      observed: fc.jsonValue(),
      warnings: fc.jsonValue(),
    },
    { requiredKeys: [] },
  ),
  create: script(mesh),
  get: script(mesh),
  list: script(fc.array(mesh, { maxLength: 3 })),
  delete: script(mesh),
  callMs: fc.constantFrom(0, 300, 40_000),
  startsAt: fc.integer({ min: -60, max: 3600 }).map((seconds) => start + seconds * 1000),
});

describe("whatever the service and the flow do", () => {
  it.each([
    ["create-mesh", createMesh],
    ["poll-status", pollStatus],
    ["delete-mesh", deleteMesh],
  ])(
    "%s answers with a status of the contract, the request and an error where it failed",
    async (_, step) => {
      await fc.assert(
        fc.asyncProperty(asked, async ({ input, ...rest }) => {
          const result = await step(input, world(rest));
          expect(contract).toContain(result.statusCode);
          expect("request" in result).toBe(true);
          expect(result.error !== undefined).toBe(result.statusCode >= 400);
          if (result.error) expect(result.error.code).not.toBe("");
          // What a flow carries is JSON: nothing may be lost on the way.
          expect(JSON.parse(JSON.stringify(result))).toMatchObject({ statusCode: result.statusCode });
        }),
        { numRuns: 500 },
      );
    },
  );

  it("one call of create-mesh sends at most one POST, and none once a list has shown the name", async () => {
    await fc.assert(
      fc.asyncProperty(asked, async ({ input, ...rest }) => {
        const w = world(rest);
        await createMesh({ ...input, request: createRequest }, w);
        expect(w.counts.create ?? 0).toBeLessThanOrEqual(1);
        const first = rest.list[0];
        const taken = Array.isArray(first) && first.some(({ metadata }) => metadata.name === "prod-mesh");
        if (taken || first instanceof Error) expect(w.counts.create).toBeUndefined();
        expect(w.counts.delete).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it("delete-mesh deletes only the uid that is meant", async () => {
    await fc.assert(
      fc.asyncProperty(asked, async ({ input, ...rest }) => {
        const w = world(rest);
        await deleteMesh({ ...input, request: deleteByUid }, w);
        expect(w.calls.filter((call) => call.startsWith("delete ") && !call.includes(" uid-1 "))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("poll-status never goes past its wait or the deadline by more than its last look", async () => {
    await fc.assert(
      fc.asyncProperty(asked, fc.integer({ min: 0, max: 700 }), async ({ input, ...rest }, waitSeconds) => {
        const w = world(rest);
        await pollStatus({ ...input, request: createRequest, waitSeconds }, w);
        const end = Math.min(
          rest.startsAt + Math.min(waitSeconds, 600) * 1000,
          Date.parse(createRequest.deadline),
        );
        const begun = Math.max(end, rest.startsAt) + rest.callMs;
        expect(w.now()).toBeLessThanOrEqual(begun + rest.callMs);
      }),
      { numRuns: 500 },
    );
  });

  it("notify answers, whatever it is given", async () => {
    const bad = { name: "bad", send: () => Promise.reject(new Error("no")) };
    const good = { name: "good", send: async () => ({}) };
    const anything = fc.record(
      {
        request: fc.oneof(fc.constant(createRequest as unknown), fc.jsonValue()),
        statusCode: fc.oneof(fc.constantFrom(...contract), fc.jsonValue()),
        mesh: fc.jsonValue(),
        error: fc.oneof(fc.record({ code: fc.jsonValue(), message: fc.jsonValue() }), fc.jsonValue()),
        observed: fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue()),
        warnings: fc.jsonValue(),
        attempt: fc.jsonValue(),
        outcome: fc.oneof(fc.constantFrom("cancelled", "in_progress"), fc.jsonValue()),
        runId: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(anything, fc.jsonValue()),
        fc.subarray([bad, good]),
        async (input, channels) => {
          const result = await notify(input, { channels });
          expect(typeof result.statusCode).toBe("number");
          expect(result.result).toMatchObject({ statusCode: expect.any(Number) });
          const all = (result.deliveries ?? []).map(({ destination }) => destination);
          expect(all.every((name) => channels.some((channel) => channel.name === name))).toBe(true);
          expect(result.statusCode === 502).toBe(all.length === 1 && all[0] === "bad");
        },
      ),
      { numRuns: 500 },
    );
  });
});
