import { afterEach, describe, expect, it } from "vitest";
import samples from "../../fixtures/emulator/mesh-samples.json" with { type: "json" };
import { type Emulator, type EmulatorOptions, startEmulator } from "../emulator.ts";
import { call } from "./call.ts";
import { meshBody } from "./mesh-body.ts";

const START = Date.parse("2025-04-10T07:48:37Z");
const MINUTE = 60_000;

describe("ASM", () => {
  let time = START;
  const open: Emulator[] = [];
  afterEach(async () => {
    time = START;
    await Promise.all(open.splice(0).map((emulator) => emulator.close()));
  });

  it("answers create, show, list and delete as the samples of the API do", async () => {
    const emulator = await start({ creatingMs: 606_000, deletingMs: MINUTE });
    const created = await create(emulator, samples.request);
    expect([created.status, withSampleUid(created.body)]).toEqual([201, samples.created]);
    const { uid } = created.body.metadata;
    time += 606_000;
    const shown = await show(emulator, uid);
    expect([shown.status, withSampleUid(shown.body)]).toEqual([200, samples.running]);
    const listed = await list(emulator);
    expect([listed.status, listed.body.items.map(withSampleUid)]).toEqual([200, [samples.running]]);
    expect(listed.body).toMatchObject({ kind: "MeshList", apiVersion: "v1" });
    time = Date.parse("2025-04-10T08:10:45Z");
    const deleted = await remove(emulator, uid);
    expect([deleted.status, withSampleUid(deleted.body)]).toEqual([200, samples.deleting]);
  });

  it("does not echo tags, labels, annotations, installation or injection", async () => {
    const emulator = await start();
    const body = structuredClone(samples.request) as Record<string, unknown>;
    Object.assign(body.metadata as object, { labels: { a: "b" }, annotations: { c: "d" } });
    Object.assign(body.spec as object, { tags: [{ key: "team", value: "" }], ipv6Enable: true });
    const { uid } = (await create(emulator, body)).body.metadata;
    const text = JSON.stringify((await show(emulator, uid)).body);
    for (const word of ["tags", "labels", "annotations", "installation", "injection"]) {
      expect(text).not.toContain(word);
    }
    expect(text).toContain('"ipv6Enable":true');
  });

  it("goes from Creating to Running, and from Deleting to a 404 of its own, by the clock", async () => {
    const emulator = await start({ creatingMs: 90_000, deletingMs: 30_000 });
    const { uid } = (await create(emulator, meshBody("mesh-a"))).body.metadata;
    const status = async () => (await show(emulator, uid)).body.status;
    expect(await status()).toEqual({ phase: "Creating", updateTimestamp: "2025-04-10T07:48:37Z" });
    time += 89_999;
    expect((await status()).phase).toBe("Creating");
    time += 1;
    expect(await status()).toEqual({ phase: "Running", updateTimestamp: "2025-04-10T07:50:07Z" });
    expect((await remove(emulator, uid)).body.status.phase).toBe("Deleting");
    time += 29_999;
    expect((await status()).phase).toBe("Deleting");
    time += 1;
    const gone = await show(emulator, uid);
    expect([gone.status, gone.body]).toEqual([
      404,
      { errorCode: "ASM.01404001", errorMsg: "Resource not found." },
    ]);
    expect((await list(emulator)).body.items).toEqual([]);
    expect((await remove(emulator, uid)).status).toBe(404);
    expect(emulator.meshes()).toMatchObject([{ name: "mesh-a", phase: "gone" }]);
  });

  it("gives a name once until its mesh is gone", async () => {
    const emulator = await start({ creatingMs: 0, deletingMs: 1000 });
    const first = await create(emulator, meshBody("mesh-a"));
    const second = await create(emulator, meshBody("mesh-a"));
    expect([second.status, second.body]).toEqual([
      409,
      { errorCode: "ASM.01409001", errorMsg: "The resource already exists." },
    ]);
    await remove(emulator, first.body.metadata.uid);
    expect((await create(emulator, meshBody("mesh-a"))).status).toBe(409);
    time += 1000;
    expect((await create(emulator, meshBody("mesh-a"))).status).toBe(201);
  });

  it("holds a name against every project of the account, or of one project only", async () => {
    const other = "00000000000000000000000000000b0b";
    for (const [nameScope, status] of [
      ["account", 409],
      ["project", 201],
    ] as const) {
      const emulator = await start({ nameScope, otherProjects: [{ id: other }] });
      emulator.seedMesh({ name: "mesh-a", projectId: other });
      expect((await create(emulator, meshBody("mesh-a"))).status).toBe(status);
      const own = (await list(emulator)).body.items;
      expect(own).toHaveLength(status === 201 ? 1 : 0);
    }
  });

  it("keeps one project's meshes from another", async () => {
    const other = "00000000000000000000000000000b0b";
    const emulator = await start({ otherProjects: [{ id: other }] });
    const uid = emulator.seedMesh({ name: "mesh-a", projectId: other });
    expect((await show(emulator, uid)).body.errorCode).toBe("ASM.01404001");
    expect((await remove(emulator, uid)).body.errorCode).toBe("ASM.01404001");
    expect((await call(emulator, "GET", `/v1/${other}/meshes/${uid}`)).status).toBe(200);
  });

  it("ends in CreateFailed, in DeleteFailed, nowhere, or vanishes, on request", async () => {
    const emulator = await start({ creatingMs: 1000, deletingMs: 1000 });
    for (const fault of ["create-failed", "stuck", "vanish"] as const)
      emulator.addFault({ on: "CreateMesh", fault });
    const uids: string[] = [];
    for (const name of ["mesh-failed", "mesh-stuck", "mesh-vanished", "mesh-fine"]) {
      const { status, body } = await create(emulator, meshBody(name));
      expect([status, body.status.phase]).toEqual([201, "Creating"]);
      uids.push(body.metadata.uid);
    }
    time += 1000;
    expect(emulator.meshes().map(({ phase }) => phase)).toEqual([
      "CreateFailed",
      "Creating",
      "gone",
      "Running",
    ]);
    const [failed, stuck] = uids as [string, string];
    emulator.addFault({ on: "DeleteMesh", fault: "delete-failed", name: "mesh-failed" });
    emulator.addFault({ on: "DeleteMesh", fault: "stuck", name: "mesh-stuck" });
    await remove(emulator, failed);
    await remove(emulator, stuck);
    time += 1000;
    expect((await show(emulator, failed)).body.status.phase).toBe("DeleteFailed");
    expect((await show(emulator, stuck)).body.status.phase).toBe("Deleting");
    expect((await remove(emulator, failed)).status).toBe(200);
    time += 1000;
    expect((await show(emulator, failed)).status).toBe(404);
  });

  it("takes any phase that it is told, and stays in it", async () => {
    const emulator = await start({ creatingMs: 1000 });
    const { uid } = (await create(emulator, meshBody("mesh-a"))).body.metadata;
    for (const phase of ["Upgrading", "UpgradeFailed", "RollingBack", "RollbackFailed", "Hibernating"]) {
      emulator.setPhase("mesh-a", phase);
      time += MINUTE;
      expect((await show(emulator, uid)).body.status.phase).toBe(phase);
    }
    emulator.setPhase(uid, "gone");
    expect((await show(emulator, uid)).status).toBe(404);
    expect(() => emulator.setPhase("nothing", "Running")).toThrow("there is no mesh nothing");
  });

  it("shows a list and a mesh as they were, when reads lag behind", async () => {
    const emulator = await start({ creatingMs: 0, deletingMs: 0, listDelayMs: 5000, getDelayMs: 2000 });
    const { uid } = (await create(emulator, meshBody("mesh-a"))).body.metadata;
    const seen = async () => [(await show(emulator, uid)).status, (await list(emulator)).body.items.length];
    expect(await seen()).toEqual([404, 0]);
    time += 2000;
    expect(await seen()).toEqual([200, 0]);
    time += 3000;
    expect(await seen()).toEqual([200, 1]);
    await remove(emulator, uid);
    expect(await seen()).toEqual([200, 1]);
    time += 2000;
    expect(await seen()).toEqual([404, 1]);
    time += 3000;
    expect(await seen()).toEqual([404, 0]);
  });

  it("deletes a mesh while it is Creating, or answers 409 or 429", async () => {
    const emulator = await start({ creatingMs: MINUTE });
    const attempt = async (deleteWhileCreating: "accepted" | "conflict" | "locked") => {
      emulator.change({ deleteWhileCreating });
      const { uid } = (await create(emulator, meshBody(`mesh-${deleteWhileCreating}`))).body.metadata;
      const { status, body } = await remove(emulator, uid);
      return [status, body.errorCode ?? body.status.phase];
    };
    expect(await attempt("accepted")).toEqual([200, "Deleting"]);
    expect(await attempt("conflict")).toEqual([409, "ASM.01409001"]);
    expect(await attempt("locked")).toEqual([429, "ASM.01429001"]);
  });

  it("answers a second delete with the mesh as it is Deleting and does not begin again", async () => {
    const emulator = await start({ creatingMs: 0, deletingMs: 1000 });
    const { uid } = (await create(emulator, meshBody("mesh-a"))).body.metadata;
    await remove(emulator, uid);
    time += 600;
    expect((await remove(emulator, uid)).body.status.phase).toBe("Deleting");
    time += 400;
    expect((await show(emulator, uid)).status).toBe(404);
  });

  it("has three forms of an empty list", async () => {
    const emulator = await start();
    const envelope = { kind: "MeshList", apiVersion: "v1" };
    const forms = { array: { ...envelope, items: [] }, null: { ...envelope, items: null }, absent: envelope };
    for (const [emptyList, form] of Object.entries(forms)) {
      emulator.change({ emptyList: emptyList as keyof typeof forms });
      expect((await list(emulator)).body).toEqual(form);
    }
  });

  it("refuses a mesh over the quota, and a second one for a cluster when told to", async () => {
    const emulator = await start({ quotas: { meshes: 1 } });
    expect((await create(emulator, meshBody("mesh-a"))).status).toBe(201);
    const over = await create(emulator, meshBody("mesh-b"));
    expect([over.status, over.body.errorCode]).toEqual([403, "ASM.01403001"]);
    emulator.change({ quotas: {}, oneMeshPerCluster: true });
    const twice = await create(emulator, meshBody("mesh-b"));
    expect([twice.status, twice.body.errorCode]).toEqual([409, "ASM.01409001"]);
  });

  it("chooses the newest release where the version leaves it open", async () => {
    const emulator = await start({ latestVersion: "1.18.7-r7" });
    const versions: [string | undefined, string][] = [
      [undefined, "1.18.7-r7"],
      ["v1.18", "1.18.7-r7"],
      ["1.18.7", "1.18.7-r7"],
      ["1.18.7-r5", "1.18.7-r5"],
      ["v1.15.7-r1", "1.15.7-r1"],
      ["1.1", "1.1"],
    ];
    for (const [index, [version, chosen]] of versions.entries()) {
      const body = meshBody(`mesh-${index}`, { version });
      expect([version, (await create(emulator, body)).body.spec.version]).toEqual([version, chosen]);
    }
  });

  it("speaks the old dialect at /v1/meshes", async () => {
    const emulator = await start({ creatingMs: 0 });
    const { projectId } = emulator.defaults;
    const headers = { "X-Apply-ProjectID": projectId };
    const body = meshBody("mesh-old", { region: "cn-north-4" });
    const [cluster] = body.spec.extendParams.clusters;
    Object.assign(cluster as object, { projectID: projectId });
    const created = await call(emulator, "POST", "/v1/meshes", { body, headers });
    expect(created.status).toBe(201);
    expect(created.body.spec).toEqual({
      type: "InCluster",
      version: "1.18.7-r5",
      domainID: expect.any(String),
      region: "cn-north-4",
      extendParams: {
        clusters: [{ ...cluster, region: "cn-north-4", provider: "CCE", proxyMode: "sidecar" }],
      },
    });
    const { uid } = created.body.metadata;
    expect((await call(emulator, "GET", "/v1/meshes", { headers })).body.items).toHaveLength(1);
    expect((await call(emulator, "GET", `/v1/meshes/${uid}`, { headers })).status).toBe(200);
    const deleted = await call(emulator, "DELETE", `/v1/meshes/${uid}`, { headers });
    expect(deleted.body.spec.extendParams.clusters[0].meshID).toBe(uid);
  });

  it("misses the project, the region and the cluster's project in the old dialect", async () => {
    const emulator = await start();
    const without = await call(emulator, "GET", "/v1/meshes");
    expect([without.status, without.body.errorCode]).toEqual([400, "ASM.01400001"]);
    const headers = { "X-Apply-ProjectID": emulator.defaults.projectId };
    const { status, body } = await call(emulator, "POST", "/v1/meshes", {
      body: meshBody("mesh-a"),
      headers,
    });
    expect([status, body.errorMsg]).toEqual([
      400,
      "Invalid request. spec.region is required; spec.extendParams.clusters[0].projectID is required",
    ]);
  });

  it("takes JSON only", async () => {
    const emulator = await start();
    const attempts = [
      { body: "{", headers: {} },
      { body: "[]", headers: {} },
      { body: JSON.stringify(meshBody("mesh-a")), headers: { "content-type": "text/plain" } },
    ];
    for (const attempt of attempts) {
      const { status, body } = await call(emulator, "POST", path(emulator), attempt);
      expect([status, body.errorCode]).toEqual([400, "ASM.01400001"]);
    }
    const charset = { "content-type": "application/json;charset=utf-8" };
    const right = { body: meshBody("mesh-a"), headers: charset };
    expect((await call(emulator, "POST", path(emulator), right)).status).toBe(201);
  });

  async function start(options: EmulatorOptions = {}): Promise<Emulator> {
    const emulator = await startEmulator({ now: () => time, ...options });
    open.push(emulator);
    return emulator;
  }

  function path(emulator: Emulator, uid?: string): string {
    return `/v1/${emulator.defaults.projectId}/meshes${uid === undefined ? "" : `/${uid}`}`;
  }

  const create = (emulator: Emulator, body: unknown) => call(emulator, "POST", path(emulator), { body });
  const show = (emulator: Emulator, uid: string) => call(emulator, "GET", path(emulator, uid));
  const list = (emulator: Emulator) => call(emulator, "GET", path(emulator));
  const remove = (emulator: Emulator, uid: string) => call(emulator, "DELETE", path(emulator, uid));

  // biome-ignore lint/suspicious/noExplicitAny: an answer of any shape
  function withSampleUid(mesh: any) {
    expect(mesh.metadata.uid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    return { ...mesh, metadata: { ...mesh.metadata, uid: samples.running.metadata.uid } };
  }
});
