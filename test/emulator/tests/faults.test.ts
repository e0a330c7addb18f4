import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../emulator.ts";
import type { Fault } from "../faults.ts";
import { parseFault } from "../faults.ts";
import { call, send } from "./call.ts";
import { meshBody } from "./mesh-body.ts";

describe("faults on request", () => {
  let emulator: Emulator;
  beforeEach(async () => {
    emulator = await startEmulator({ creatingMs: 0 });
  });
  afterEach(() => emulator.close());

  it("lost-answer: the mesh is created and the connection ends without an answer", async () => {
    emulator.addFault({ on: "CreateMesh", fault: "lost-answer" });
    await expect(create("mesh-a")).rejects.toThrow("fetch failed");
    expect(emulator.meshes().map(({ name }) => name)).toEqual(["mesh-a"]);
    expect((await create("mesh-a")).status).toBe(409);
    await settled(2);
    expect(emulator.requests()[0]).toMatchObject({ fault: "lost-answer", carriedOut: 1 });
    expect(emulator.requests()[0]?.status).toBeUndefined();
  });

  it("reset: the connection is reset and nothing is created", async () => {
    emulator.addFault({ on: "CreateMesh", fault: "reset" });
    const error = await create("mesh-a").then(
      () => undefined,
      (e: Error) => e,
    );
    expect(error?.cause).toMatchObject({ code: "ECONNRESET" });
    expect(emulator.meshes()).toEqual([]);
    expect((await create("mesh-a")).status).toBe(201);
  });

  it("timeout: there is never an answer, with or without a mesh", async () => {
    for (const [processed, count] of [
      [false, 0],
      [true, 1],
    ] as const) {
      emulator.addFault({ on: "CreateMesh", fault: "timeout", processed });
      const patience = new AbortController();
      const outcome = create("mesh-a", patience.signal).catch((error: Error) => error.name);
      await settled(count + 1);
      expect(emulator.meshes()).toHaveLength(count);
      patience.abort();
      expect(await outcome).toBe("AbortError");
    }
  });

  it("slow-body: the answer comes in small pieces and is whole", async () => {
    emulator.addFault({ on: "CreateMesh", fault: "slow-body", delayMs: 5 });
    const { status, body } = await create("mesh-a");
    expect([status, body.metadata.name]).toEqual([201, "mesh-a"]);
    const response = await firstPieceOf("slow-body");
    expect(response.first).toBeLessThan(response.length);
  });

  it("cut-body: the connection ends in the middle of the answer", async () => {
    emulator.addFault({ on: "CreateMesh", fault: "cut-body" });
    await expect(create("mesh-a")).rejects.toThrow("terminated");
    expect(emulator.meshes()).toHaveLength(1);
  });

  it("broken-json and wrong-json: the status is right and the body is not", async () => {
    emulator.addFault({ on: "ListMeshes", fault: "broken-json" });
    emulator.addFault({ on: "ListMeshes", fault: "wrong-json" });
    const broken = await list();
    expect([broken.status, broken.body]).toEqual([200, undefined]);
    expect(broken.text.startsWith('{"kind":"MeshList"')).toBe(true);
    const wrong = await list();
    expect([wrong.status, wrong.body]).toEqual([200, { unexpected: [1, 2, 3] }]);
  });

  it("duplicate: the request is carried out twice and the second answer is given", async () => {
    emulator.addFault({ on: "CreateMesh", fault: "duplicate" });
    const { status, body } = await create("mesh-a");
    expect([status, body.errorCode]).toEqual([409, "ASM.01409001"]);
    expect(emulator.meshes()).toHaveLength(1);
    await settled(1);
    expect(emulator.requests()[0]?.carriedOut).toBe(2);
    emulator.addFault({ on: "Sink", fault: "duplicate" });
    await send(emulator, "POST", "/sink/a", { body: "x" });
    expect(emulator.delivered()).toHaveLength(2);
  });

  it.each<[Fault["fault"], number, string | undefined, string]>([
    ["html-502", 502, "text/html", "<html>"],
    ["empty-502", 502, undefined, ""],
    ["empty-503", 503, undefined, ""],
    ["empty-504", 504, undefined, ""],
    ["request-timeout", 408, undefined, ""],
    [
      "internal-error",
      500,
      "application/json;charset=utf-8",
      '{"errorCode":"ASM.01500001","errorMsg":"Internal error."}',
    ],
    [
      "locked",
      429,
      "application/json;charset=utf-8",
      '{"errorCode":"ASM.01429001","errorMsg":"Resource locked by other requests."}',
    ],
    [
      "unauthorized",
      401,
      "application/json;charset=utf-8",
      '{"errorCode":"ASM.01401001","errorMsg":"Authorization failed."}',
    ],
    [
      "forbidden",
      403,
      "application/json;charset=utf-8",
      '{"errorCode":"ASM.01403001","errorMsg":"Forbidden."}',
    ],
    [
      "throttled",
      429,
      "application/json;charset=utf-8",
      '{"error_msg":"The throttling threshold has been reached: policy user over ratelimit,limit:10,time:1 minute","error_code":"APIGW.0308"',
    ],
    [
      "token-expired",
      401,
      "application/json;charset=utf-8",
      '{"error_msg":"The token must be updated","error_code":"APIGW.0307"',
    ],
    [
      "gateway-404",
      404,
      "application/json;charset=utf-8",
      '{"error_msg":"The API does not exist or has not been published in the environment","error_code":"APIGW.0101"',
    ],
  ])(
    "%s: answers %i and creates a mesh only when told that the request is carried out",
    async (fault, status, type, start) => {
      emulator.addFault({ on: "CreateMesh", fault });
      const answer = await create("mesh-a");
      expect([answer.status, answer.headers.get("content-type") ?? undefined]).toEqual([status, type]);
      expect(answer.text.startsWith(start)).toBe(true);
      expect(answer.text === "").toBe(start === "");
      expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f]{32}$/);
      expect(emulator.meshes()).toEqual([]);
      emulator.addFault({ on: "CreateMesh", fault, processed: true });
      expect((await create("mesh-a")).status).toBe(status);
      expect(emulator.meshes()).toHaveLength(1);
    },
  );

  it("answer: any status, headers and body", async () => {
    emulator.addFault({
      on: "ShowMesh",
      fault: "answer",
      status: 418,
      headers: { "x-note": "tea" },
      body: { errorCode: "CCE.01429004", errorMsg: "Insufficient account balance." },
      retryAfterSeconds: 3,
    });
    const answer = await call(emulator, "GET", `${path()}/any`);
    expect([answer.status, answer.headers.get("x-note"), answer.headers.get("retry-after")]).toEqual([
      418,
      "tea",
      "3",
    ]);
    expect(answer.body.errorCode).toBe("CCE.01429004");
  });

  it("delay: the answer is late and right", async () => {
    emulator.addFault({ on: "ListMeshes", fault: "delay", delayMs: 100 });
    const started = performance.now();
    expect((await list()).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(95);
  });

  it("names a time to wait in Retry-After", async () => {
    emulator.addFault({ on: "CreateMesh", fault: "throttled", retryAfterSeconds: 60 });
    expect((await create("mesh-a")).headers.get("retry-after")).toBe("60");
    const date = "Thu, 10 Apr 2025 07:49:37 GMT";
    emulator.addFault({ on: "CreateMesh", fault: "locked", headers: { "retry-after": date } });
    expect((await create("mesh-a")).headers.get("retry-after")).toBe(date);
  });

  it("is met as often as it says, after as many calls as it says, for the named mesh only", async () => {
    emulator.addFault({ on: "CreateMesh", fault: "empty-503", times: 2, after: 1, name: "mesh-a" });
    const statuses: number[] = [];
    for (const name of ["mesh-b", "mesh-a", "mesh-a", "mesh-a", "mesh-a"])
      statuses.push((await create(name)).status);
    expect(statuses).toEqual([201, 201, 503, 503, 409]);
    expect(emulator.faults()).toEqual([]);
    emulator.addFault({ on: "*", fault: "empty-504", times: "always" });
    for (let i = 0; i < 3; i++) expect((await list()).status).toBe(504);
    expect(emulator.faults()).toMatchObject([{ on: "*", fault: "empty-504", left: "always" }]);
    emulator.clearFaults();
    expect((await list()).status).toBe(200);
  });

  it("is not used up by a request that is not let in", async () => {
    emulator.addFault({ on: "ListMeshes", fault: "empty-503" });
    expect((await call(emulator, "GET", path(), { secretKey: "wrong" })).status).toBe(401);
    expect((await list()).status).toBe(503);
  });

  it("reaches tokens and messages too, in their own names", async () => {
    emulator.addFault({ on: "CreateToken", fault: "internal-error" });
    const token = await send(emulator, "POST", "/v3/auth/tokens", { body: "{}" });
    expect([token.status, token.body.error_code]).toEqual([500, "APIGW.0601"]);
    emulator.addFault({ on: "PublishMessage", fault: "lost-answer" });
    const urn = `urn:smn:cn-north-4:${emulator.defaults.projectId}:meshes`;
    const target = `/v2/${emulator.defaults.projectId}/notifications/topics/${urn}/publish`;
    await expect(call(emulator, "POST", target, { body: { message: "x" } })).rejects.toThrow("fetch failed");
    expect(emulator.published()).toHaveLength(1);
  });

  it("is refused when its operation or kind is unknown", () => {
    expect(() => emulator.addFault({ on: "UpdateMesh", fault: "reset" })).toThrow("is not an operation");
    expect(() => emulator.addFault({ on: "*", fault: "meteor" as "reset" })).toThrow("Invalid option");
    expect(() => emulator.addFault({ on: "*", fault: "reset", times: 0 })).toThrow();
  });

  it("is written in one word on the command line", () => {
    expect(parseFault("CreateMesh:lost-answer")).toEqual({ on: "CreateMesh", fault: "lost-answer" });
    expect(parseFault("CreateMesh:empty-504:3:processed")).toEqual({
      on: "CreateMesh",
      fault: "empty-504",
      times: 3,
      processed: true,
    });
    expect(parseFault("*:throttled:always")).toEqual({ on: "*", fault: "throttled", times: "always" });
  });

  function path(): string {
    return `/v1/${emulator.defaults.projectId}/meshes`;
  }

  function create(name: string, signal?: AbortSignal) {
    return call(emulator, "POST", path(), { body: meshBody(name), ...(signal ? { signal } : {}) });
  }

  function list() {
    return call(emulator, "GET", path());
  }

  /** The length of an answer, and of what the first read of its body gives. */
  async function firstPieceOf(fault: "slow-body"): Promise<{ first: number; length: number }> {
    emulator.addFault({ on: "Sink", fault });
    const response = await fetch(`${emulator.sinkUrl}/a`, { method: "POST", body: "x" });
    const reader = response.body?.getReader();
    const first = (await reader?.read())?.value?.length ?? 0;
    await reader?.cancel();
    return { first, length: Number(response.headers.get("content-length")) };
  }

  /** Records are written just after the answer. */
  async function settled(count: number): Promise<void> {
    await expect.poll(() => emulator.requests().length).toBe(count);
  }
});
