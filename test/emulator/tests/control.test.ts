import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../emulator.ts";
import { call, send } from "./call.ts";
import { meshBody } from "./mesh-body.ts";

describe("the control API", () => {
  let emulator: Emulator;
  beforeEach(async () => {
    emulator = await startEmulator({ creatingMs: 60_000 });
  });
  afterEach(() => emulator.close());

  it("adds, lists and clears faults", async () => {
    const one = await post("/faults", { on: "CreateMesh", fault: "lost-answer" });
    expect([one.status, one.body.faults]).toMatchObject([
      200,
      [{ on: "CreateMesh", fault: "lost-answer", left: 1 }],
    ]);
    const two = await post("/faults", [{ on: "*", fault: "empty-503", times: 2 }]);
    expect(two.body.faults).toHaveLength(2);
    const wrong = await post("/faults", { on: "CreateMesh", fault: "meteor" });
    expect([wrong.status, wrong.body.error]).toEqual([400, expect.stringContaining("fault")]);
    expect((await send(emulator, "GET", "/_emulator/faults")).body.faults).toHaveLength(2);
    await send(emulator, "DELETE", "/_emulator/faults");
    expect(emulator.faults()).toEqual([]);
  });

  it("moves the clock, the settings and the phases", async () => {
    await call(emulator, "POST", path(), { body: meshBody("mesh-a") });
    await post("/clock", { advanceMs: 60_000 });
    expect((await state()).meshes).toMatchObject([{ name: "mesh-a", phase: "Running" }]);
    const { body } = await post("/clock", { skewMs: 3_600_000 });
    expect(body.clock).toMatchObject({ skewMs: 3_600_000, advancedMs: 60_000 });
    const phase = await post("/meshes/mesh-a/phase", { phase: "Upgrading" });
    expect(phase.body.meshes).toMatchObject([{ phase: "Upgrading" }]);
    await post("/settings", { creatingMs: 5, throttling: { writes: { limit: 1 } } });
    expect((await state()).settings).toMatchObject({
      creatingMs: 5,
      deletingMs: 100,
      throttling: { writes: { limit: 1 } },
    });
  });

  it("makes a mesh that nobody asked for", async () => {
    const { body } = await post("/meshes", {
      name: "mesh-foreign",
      phase: "CreateFailed",
      createdSecondsAgo: 3600,
    });
    const shown = await call(emulator, "GET", `${path()}/${body.uid}`);
    expect(shown.body).toMatchObject({
      metadata: { name: "mesh-foreign" },
      status: { phase: "CreateFailed" },
    });
    const age = Date.now() - Date.parse(shown.body.metadata.creationTimestamp);
    expect(age).toBeGreaterThanOrEqual(3_600_000);
  });

  it("shows requests without their credentials", async () => {
    await call(emulator, "GET", path(), { headers: { "X-Auth-Token": "example-token" } });
    const { text, body } = await send(emulator, "GET", "/_emulator/requests");
    expect(body.requests).toMatchObject([{ operation: "ListMeshes", status: 200, carriedOut: 1 }]);
    expect(text).not.toContain("Signature=");
    expect(text).not.toContain("example-token");
  });

  it("forgets everything on reset, and lets tokens expire", async () => {
    emulator.addFault({ on: "*", fault: "reset" });
    emulator.seedMesh({ name: "mesh-a" });
    await post("/tokens/expire", {});
    await post("/reset", {});
    const { clock: _, settings: __, ...rest } = await state();
    expect(rest).toEqual({ faults: [], meshes: [], published: [], delivered: [], requests: 0 });
  });

  it("refuses what it does not understand", async () => {
    expect((await post("/nothing", {})).status).toBe(404);
    expect((await post("/toString", {})).status).toBe(404);
    expect((await post("/settings", { creatingSeconds: 5 })).status).toBe(400);
    expect((await post("/settings", { creatingMs: -1 })).status).toBe(400);
    expect((await post("/clock", { skew: 5 })).status).toBe(400);
    expect((await post("/meshes/none/phase", { phase: "Running" })).body).toEqual({
      error: "there is no mesh none",
    });
    expect((await send(emulator, "POST", "/_emulator/faults", { body: "{" })).status).toBe(400);
  });

  function path(): string {
    return `/v1/${emulator.defaults.projectId}/meshes`;
  }

  function post(target: string, body: unknown) {
    return send(emulator, "POST", `/_emulator${target}`, { body: JSON.stringify(body) });
  }

  async function state() {
    return (await send(emulator, "GET", "/_emulator/state")).body;
  }
});
