import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type Emulator, startEmulator } from "../../emulator.ts";
import { type FunctionInstance, startFunctionInstance } from "../host.ts";
import { withoutFunctionNode } from "./fixture.ts";

const WEBHOOK_SECRET = "whsec_ZXhhbXBsZS1zZWNyZXQtdGhhdC1pcy1ub3QtcmVhbA==";
const agency = {
  accessKey: "EXAMPLETEMPORARYKEY0",
  secretKey: "example-temporary-secret-not-real-0000",
  securityToken: "example-security-token",
  authToken: "",
};

describe.skipIf(withoutFunctionNode())("the functions' zips under Node 20.15.1, with an agency's key", () => {
  let cloud: Emulator;
  let topic: string;
  beforeAll(async () => {
    const { accessKey, secretKey, securityToken } = agency;
    const temporaryKeys = { [accessKey]: { secretKey, securityToken } };
    cloud = await startEmulator({ temporaryKeys, creatingMs: 300, deletingMs: 300 });
    topic = `urn:smn:${cloud.defaults.region}:${cloud.defaults.projectId}:meshes`;
  });
  beforeEach(() => cloud.reset());
  afterAll(() => cloud.close());

  it("create a mesh, see it run, tell of it, delete it, and see it gone", async () => {
    const create = await deployed("create-mesh");
    const poll = await deployed("poll-status");
    const notify = await deployed("notify");
    const remove = await deployed("delete-mesh");

    const request = requestTo("create", {
      name: "prod-mesh",
      clusters: [{ id: "cluster-1", nodes: ["n-1", "n-2"] }],
    });
    const created = await answerOf(create, { request });
    expect(created).toMatchObject({ statusCode: 200, request: { requestId: "req-create" } });
    const running = await answerOf(poll, { ...created, waitSeconds: 20 });
    expect(running).toMatchObject({ statusCode: 200, mesh: { uid: created.mesh?.uid, phase: "Running" } });
    const told = await answerOf(notify, running);
    expect(told.deliveries).toEqual([
      expect.objectContaining({ status: "delivered" }),
      expect.objectContaining({ status: "delivered" }),
    ]);
    expect(cloud.published()).toEqual([expect.objectContaining({ topicUrn: topic })]);
    expect(cloud.delivered("ops")).toHaveLength(1);

    const removal = requestTo("delete", { name: "prod-mesh", uid: created.mesh?.uid });
    const deleted = await answerOf(remove, { request: removal });
    expect(deleted).toMatchObject({ statusCode: 200, mesh: { uid: created.mesh?.uid } });
    const gone = await answerOf(poll, { ...deleted, waitSeconds: 20 });
    expect(gone).toMatchObject({ statusCode: 200, mesh: { uid: created.mesh?.uid } });
    expect(cloud.meshes()).toEqual([expect.objectContaining({ name: "prod-mesh", phase: "gone" })]);

    const calls = cloud.requests().filter(({ target }) => !target.startsWith("/sink/"));
    expect([...new Set(calls.map(({ principal }) => principal))]).toEqual([agency.accessKey]);
    const logged = JSON.stringify([create, poll, notify, remove].flatMap((instance) => instance.logLines()));
    expect(logged).toContain("answered");
    for (const secret of [agency.secretKey, agency.securityToken, WEBHOOK_SECRET])
      expect(logged).not.toContain(secret);
  });

  it.each([
    ["create-mesh", 400, "INVALID_REQUEST"],
    ["poll-status", 400, "INVALID_REQUEST"],
    ["delete-mesh", 400, "INVALID_REQUEST"],
    ["notify", 503, "NO_RESULT"],
  ])(
    "%s answers %i %s to a bad event, and all it logs is collected under the request's id",
    async (name, statusCode, code) => {
      const instance = await deployed(name);
      const { body, log, requestId } = await instance.invoke({ request: { action: "explode" } });
      expect(JSON.parse(body)).toMatchObject({ statusCode, error: { code } });
      expect(log).toContain(`"requestId":"${requestId}"`);
      await instance.close();
      expect(instance.uncollected()).toBe("");
    },
  );

  it("create-mesh says that it has no credentials, and asks nothing of anybody", async () => {
    const instance = await deployed("create-mesh", { withAgency: false });
    const request = requestTo("create", {
      name: "prod-mesh",
      clusters: [{ id: "c-1", nodes: ["n-1", "n-2"] }],
    });
    const answer = await answerOf(instance, { request });
    expect(answer.statusCode).toBe(401);
    expect(answer.error?.message).toContain("The function has no credentials: give it an agency");
    expect(cloud.requests()).toEqual([]);
  });

  it("poll-status answers before its time is over, whatever it was told to wait", async () => {
    const uid = cloud.seedMesh({ name: "slow-mesh", phase: "Creating" });
    const instance = await deployed("poll-status", { timeoutSeconds: 48 });
    const request = requestTo("create", {
      name: "slow-mesh",
      clusters: [{ id: "c-1", nodes: ["n-1", "n-2"] }],
    });
    const answer = await answerOf(instance, { request, mesh: { name: "slow-mesh", uid }, waitSeconds: 900 });
    expect(answer).toMatchObject({ statusCode: 202, mesh: { uid, phase: "Creating" } });
  });

  /** An instance of the built zip with the settings that it is deployed with. */
  async function deployed(
    name: string,
    { withAgency = true, timeoutSeconds }: { withAgency?: boolean; timeoutSeconds?: number } = {},
  ): Promise<FunctionInstance> {
    const settings = JSON.parse(readFileSync(`functions/${name}/function.json`, "utf8"));
    const variables: Record<string, string> = {
      HW_REGION_NAME: cloud.defaults.region,
      MESHFLOW_ASM_ENDPOINT: cloud.asmUrl,
      MESHFLOW_SMN_ENDPOINT: cloud.smnUrl,
      MESHFLOW_SMN_TOPIC_URN: topic,
      MESHFLOW_WEBHOOK_URL: `${cloud.sinkUrl}/ops`,
      MESHFLOW_WEBHOOK_SECRET: WEBHOOK_SECRET,
      MESHFLOW_POLL_SECONDS: "0.2",
    };
    const named = settings.environment.map(({ name }: { name: string }) => name);
    const instance = await startFunctionInstance({
      zip: `dist/functions/${name}.zip`,
      settings: {
        name,
        projectId: cloud.defaults.projectId,
        handler: settings.handler,
        timeoutSeconds: timeoutSeconds ?? settings.timeoutSeconds,
        memoryMb: settings.memoryMb,
        userData: Object.fromEntries(Object.entries(variables).filter(([key]) => named.includes(key))),
      },
      ...(withAgency && { credentials: agency }),
    });
    onTestFinished(() => instance.close());
    return instance;
  }
});

interface Answer {
  statusCode: number;
  mesh?: { uid?: string; phase?: string };
  error?: { code: string; message: string };
  deliveries?: object[];
}

async function answerOf(instance: FunctionInstance, event: object): Promise<Answer> {
  const { status, body, log } = await instance.invoke(event);
  if (status === "error") throw new Error(`${body}\n${log}`);
  return JSON.parse(body);
}

function requestTo(action: "create" | "delete", mesh: object): object {
  const now = Date.now();
  return {
    requestId: `req-${action}`,
    action,
    mesh,
    requestedAt: new Date(now).toISOString(),
    deadline: new Date(now + 600_000).toISOString(),
    actor: { source: "direct" },
  };
}
