import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../emulator/emulator.ts";
import { createHome, type Home } from "./run-cli.ts";

let emulator: Emulator;
let home: Home;
let uid: string;
beforeAll(async () => {
  emulator = await startEmulator();
  home = createHome(emulator);
  uid = emulator.seedMesh({ name: "prod-mesh", version: "1.18.7-r5", createdSecondsAgo: 7500 });
  emulator.seedMesh({ name: "sick-mesh", phase: "CreateFailed" });
});
afterAll(async () => {
  home.remove();
  await emulator.close();
});

describe("list", () => {
  it("shows name, phase, version, age and uid of each mesh", async () => {
    const { code, out, err } = await home.meshflow(["list"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const [header, first, second] = out.split("\n");
    expect(header?.split(/ {2,}/)).toEqual(["NAME", "PHASE", "VERSION", "AGE", "UID", "CLUSTER"]);
    expect(first?.split(/ {2,}/).slice(0, 5)).toEqual(["prod-mesh", "Running", "1.18.7-r5", "2h 05m", uid]);
    expect(second?.split(/ {2,}/).slice(0, 2)).toEqual(["sick-mesh", "CreateFailed"]);
  });

  it("keeps to one phase, in any case", async () => {
    const { out } = await home.meshflow(["list", "--phase", "createfailed", "--json"]);
    const { meshes } = JSON.parse(out) as { meshes: { name: string; phase: string }[] };
    expect(meshes.map(({ name, phase }) => [name, phase])).toEqual([["sick-mesh", "CreateFailed"]]);
  });

  it("says so when there is none, with an empty standard output", async () => {
    expect(await home.meshflow(["list", "--phase", "Deleting"])).toEqual({
      code: 0,
      out: "",
      err: "No mesh is Deleting.\n",
    });
  });
});

describe("status", () => {
  it("shows a mesh by name and by uid", async () => {
    const byName = await home.meshflow(["status", "prod-mesh", "--json"]);
    const { mesh, runs } = JSON.parse(byName.out) as { mesh: Record<string, string>; runs: unknown[] };
    expect(mesh).toMatchObject({ name: "prod-mesh", uid, phase: "Running", version: "1.18.7-r5" });
    expect(runs).toEqual([]);
    const byUid = await home.meshflow(["status", uid]);
    expect(byUid.out).toMatch(/^name {5}prod-mesh$/m);
    expect(byUid.out).toMatch(/^age {6}2h 05m \(since /m);
  });

  it("ends with 6 for a mesh that is not there and names the nearest", async () => {
    const { code, out, err } = await home.meshflow(["status", "prdo-mesh"]);
    expect({ code, out }).toEqual({ code: 6, out: "" });
    expect(err).toBe(
      "error: No mesh prdo-mesh in this project.\nnext:  Did you mean prod-mesh? All of them: meshflow list\n",
    );
  });

  it("ends with 6 for a run that is not there", async () => {
    expect((await home.meshflow(["status", "0123456789ab"])).code).toBe(6);
    expect((await home.meshflow(["show", "0123456789ab"])).code).toBe(6);
    const unknown = await home.meshflow(["show", "run!"]);
    expect(unknown.code).toBe(6);
    expect(unknown.err).toContain('error: No run and no mesh "run!" in this journal.\nnext:  ');
  });
});

describe("delete", () => {
  it("refuses without --yes where nobody can be asked, and sends nothing", async () => {
    const { code, out, err } = await home.meshflow(["delete", "prod-mesh"]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^uid {6}[0-9a-f-]{36}$/m);
    expect(err).toMatch(/^phase {4}Running$/m);
    expect(err).toContain(`next:  If you are sure: meshflow delete ${uid} --yes\n`);
    expect(emulator.requests().filter(({ method }) => method === "DELETE")).toEqual([]);
  });

  it("shows with --dry-run what would be deleted, and sends nothing", async () => {
    const { code, out } = await home.meshflow(["delete", "prod-mesh", "--dry-run"]);
    expect(code).toBe(0);
    expect(out).toContain(`Without --dry-run meshflow would delete the mesh with uid ${uid}.`);
    expect(emulator.requests().filter(({ method }) => method === "DELETE")).toEqual([]);
  });

  it("ends with 6 for a mesh that is not there", async () => {
    expect((await home.meshflow(["delete", "no-such-mesh", "--yes"])).code).toBe(6);
  });

  it("deletes the mesh by its uid and waits until it is gone", async () => {
    const { code, out } = await home.meshflow(["delete", "prod-mesh", "--yes", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      action: "delete",
      state: "succeeded",
      exitCode: 0,
      mesh: { name: "prod-mesh", uid },
    });
    const deletes = emulator.requests().filter(({ method }) => method === "DELETE");
    expect(deletes.map(({ target }) => target)).toEqual([`/v1/${emulator.defaults.projectId}/meshes/${uid}`]);
  });
});
