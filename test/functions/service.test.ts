import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createMesh } from "../../functions/create-mesh/create-mesh.ts";
import { deleteMesh } from "../../functions/delete-mesh/delete-mesh.ts";
import { notify } from "../../functions/notify/notify.ts";
import { pollStatus } from "../../functions/poll-status/poll-status.ts";
import { createAsmClient } from "../../shared/asm/client.ts";
import { createApiClient } from "../../shared/huaweicloud/api-client.ts";
import { staticCredentials } from "../../shared/huaweicloud/credentials.ts";
import { createSmnChannel } from "../../shared/outbound/smn.ts";
import { parseMeshRequest } from "../../shared/request/mesh-request.ts";
import { type Emulator, startEmulator } from "../emulator/emulator.ts";

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({
    creatingMs: 150,
    deletingMs: 150,
    otherProjects: [{ id: "1111111111111111111111111111e4a1" }],
  });
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

/** The steps' seams over HTTP, with waits a hundred times shorter than real ones. */
function seams(budgets = { writesPerMinute: 6000, writeBurst: 100 }) {
  const { accessKey, secretKey, projectId, region } = emulator.defaults;
  const api = createApiClient({
    credentials: staticCredentials({ kind: "access-key", accessKey, secretKey }),
    projectId,
    budgets,
  });
  const asm = createAsmClient({ api, projectId, region, endpoint: emulator.asmUrl });
  const topicUrn = `urn:smn:${region}:${projectId}:ops`;
  const channels = [createSmnChannel({ api, topicUrn, endpoint: emulator.smnUrl })];
  return { asm, channels, region, intervalMs: 30, conflictGraceMs: 50, ambiguousGraceMs: 5000 };
}

const request = (action: "create" | "delete", mesh: object) =>
  parseMeshRequest({ requestId: randomUUID(), action, mesh });
const short = {
  name: "prod-mesh",
  version: "1.18.7-r5",
  clusters: [{ id: randomUUID(), nodes: [randomUUID(), randomUUID()] }],
};
const calls = (operation: string) =>
  emulator.requests().filter((each) => each.operation === operation).length;

describe("the four steps over HTTP", () => {
  it("make a mesh, tell so, delete it and see it go", async () => {
    const create = request("create", short);
    const created = await createMesh({ request: create }, seams());
    expect(created).toMatchObject({ statusCode: 200, mesh: { name: "prod-mesh", phase: "Creating" } });
    const running = await pollStatus({ ...created, waitSeconds: 20 }, seams());
    expect(running).toMatchObject({ statusCode: 200, mesh: { uid: created.mesh?.uid, phase: "Running" } });
    const told = await notify(running, seams());
    expect(told).toMatchObject({
      statusCode: 200,
      outcome: "succeeded",
      deliveries: [{ status: "delivered" }],
    });
    expect(emulator.published()).toMatchObject([{ subject: "Mesh create succeeded: prod-mesh" }]);

    const removal = request("delete", { name: "prod-mesh" });
    const accepted = await deleteMesh({ request: removal }, seams());
    expect(accepted).toMatchObject({ statusCode: 200, mesh: { uid: created.mesh?.uid, phase: "Deleting" } });
    const gone = await pollStatus({ ...accepted, waitSeconds: 20 }, seams());
    expect(gone).toMatchObject({ statusCode: 200, mesh: { phase: "Gone" } });
    expect(emulator.meshes()).toMatchObject([{ phase: "gone" }]);
    expect(await deleteMesh({ request: removal }, seams())).toMatchObject({ statusCode: 200 });
    expect(calls("CreateMesh")).toBe(1);
  });

  it.each([["lost-answer"], ["reset"], ["html-502"], ["broken-json"], ["cut-body"]] as const)(
    "make one mesh although the answer to the create is spoilt (%s)",
    async (fault) => {
      emulator.addFault({ on: "CreateMesh", fault, processed: true });
      const create = request("create", short);
      const created = await createMesh({ request: create }, seams());
      expect(created).toMatchObject({ statusCode: 200, adopted: true });
      expect(calls("CreateMesh")).toBe(1);
      expect(emulator.meshes().map(({ uid }) => uid)).toEqual([created.mesh?.uid]);
    },
  );

  it("make one mesh when the create is run again after a crash", async () => {
    const create = request("create", short);
    const first = await createMesh({ request: create }, seams());
    const again = await createMesh({ request: create }, seams());
    expect(again).toMatchObject({ statusCode: 200, adopted: true, mesh: { uid: first.mesh?.uid } });
    expect(calls("CreateMesh")).toBe(1);
  });

  it("leave a mesh alone that was there before the request", async () => {
    emulator.seedMesh({ name: "prod-mesh", createdSecondsAgo: 3600 });
    const result = await createMesh({ request: request("create", short) }, seams());
    expect(result).toMatchObject({ statusCode: 409, error: { code: "NAME_TAKEN" } });
    expect(calls("CreateMesh")).toBe(0);
  });

  it("say that a name is taken in a project that cannot be seen", async () => {
    emulator.seedMesh({ name: "prod-mesh", projectId: "1111111111111111111111111111e4a1" });
    const result = await createMesh({ request: request("create", short) }, seams());
    expect(result).toMatchObject({ statusCode: 409, error: { code: "ASM.01409001" } });
    expect(result.error?.message).toContain("taken elsewhere");
    expect(result.error?.requestId).toBeTruthy();
    expect(calls("CreateMesh")).toBe(1);
  });

  it("send no create whose turn would come after its deadline, and say why", async () => {
    const slow = seams({ writesPerMinute: 0.1, writeBurst: 1 });
    await createMesh({ request: request("create", short) }, slow);
    const deadline = new Date(Date.now() + 60_000).toISOString();
    const late = { ...request("create", { ...short, name: "late-mesh" }), deadline };
    const result = await createMesh({ request: late }, slow);
    expect(result).toMatchObject({ statusCode: 503, error: { code: "RATE_BUDGET" } });
    expect(result.error?.hint).toContain("MESHFLOW_WRITES_PER_MINUTE");
    expect(calls("CreateMesh")).toBe(1);
  });

  it("see a create fail", async () => {
    emulator.addFault({ on: "CreateMesh", fault: "create-failed" });
    const created = await createMesh({ request: request("create", short) }, seams());
    expect(await pollStatus({ ...created, waitSeconds: 20 }, seams())).toMatchObject({
      statusCode: 422,
      error: { code: "CREATE_FAILED" },
    });
  });

  it("never take a gateway's 404 for the end of a delete", async () => {
    const uid = emulator.seedMesh({ name: "prod-mesh", createdSecondsAgo: 3600 });
    const accepted = await deleteMesh({ request: request("delete", { uid }) }, seams());
    emulator.addFault({ on: "ShowMesh", fault: "gateway-404", times: "always" });
    expect(await pollStatus({ ...accepted, waitSeconds: 5 }, seams())).toMatchObject({
      statusCode: 400,
      error: { code: "APIGW.0101" },
    });
    emulator.addFault({ on: "DeleteMesh", fault: "gateway-404" });
    expect(await deleteMesh({ request: request("delete", { uid }) }, seams())).toMatchObject({
      statusCode: 400,
    });
  });
});
