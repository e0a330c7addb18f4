import { BasicCredentials } from "@huaweicloud/huaweicloud-sdk-core";
import { HcClient } from "@huaweicloud/huaweicloud-sdk-core/HcClient.js";
import { DefaultHttpClient } from "@huaweicloud/huaweicloud-sdk-core/http/DefaultHttpClient.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../emulator.ts";
import { meshBody } from "./mesh-body.ts";

describe("the official Node SDK against the emulator", () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await startEmulator({ creatingMs: 0 });
  });
  afterAll(() => emulator.close());

  it("creates, shows, lists and deletes a mesh", async () => {
    const { accessKey, secretKey } = emulator.defaults;
    const created = await send("POST", "", secretKey, { data: meshBody("mesh-from-sdk") });
    expect(created).toMatchObject({ httpStatusCode: 201, status: { phase: "Creating" } });
    const { uid } = created.metadata;
    expect(await send("GET", `/${uid}`, secretKey)).toMatchObject({
      httpStatusCode: 200,
      metadata: { uid },
      status: { phase: "Running" },
    });
    expect(await send("GET", "", secretKey)).toMatchObject({
      httpStatusCode: 200,
      kind: "MeshList",
      items: [{ metadata: { uid } }],
    });
    expect(await send("DELETE", `/${uid}`, secretKey)).toMatchObject({
      httpStatusCode: 200,
      status: { phase: "Deleting" },
    });
    const seen = emulator
      .requests()
      .map(({ principal, operation, status }) => [principal, operation, status]);
    expect(seen).toEqual([
      [accessKey, "CreateMesh", 201],
      [accessKey, "ShowMesh", 200],
      [accessKey, "ListMeshes", 200],
      [accessKey, "DeleteMesh", 200],
    ]);
  });

  it("is refused with a wrong secret key", async () => {
    await expect(send("GET", "", "another-secret-key-that-is-not-real")).rejects.toMatchObject({
      httpStatusCode: 401,
      errorCode: "APIGW.0301",
    });
  });

  async function send(method: string, path: string, secretKey: string, more: object = {}) {
    const { accessKey, projectId } = emulator.defaults;
    const credentials = new BasicCredentials({ ak: accessKey, sk: secretKey, projectId });
    const silent = { debug() {}, info() {}, warn() {}, error() {} };
    const http = new DefaultHttpClient({ logger: silent } as never, [emulator.asmUrl]);
    const client = new HcClient(http, {} as never)
      .withEndpoints([emulator.asmUrl])
      .withCredential(credentials);
    const answer = await client.sendRequest({
      method,
      url: `/v1/{project_id}/meshes${path}`,
      contentType: "application/json",
      headers: {},
      pathParams: { project_id: projectId },
      queryParams: {},
      ...more,
    } as never);
    // biome-ignore lint/suspicious/noExplicitAny: the SDK types every answer as its own class
    return answer as any;
  }
});
