import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../emulator.ts";
import { meshBody } from "./mesh-body.ts";

const require = createRequire(import.meta.url);
const core = "@huaweicloud/huaweicloud-sdk-core";
const { HcClient } = require(`${core}/HcClient.js`);
const { DefaultHttpClient } = require(`${core}/http/DefaultHttpClient.js`);
const { BasicCredentials } = require(`${core}/auth/BasicCredentials.js`);

describe("the official Node SDK against the emulator", () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await startEmulator({ creatingMs: 0 });
  });
  afterAll(() => emulator.close());

  it("creates, shows, lists and deletes a mesh", async () => {
    const { accessKey, secretKey, projectId } = emulator.defaults;
    const sdk = client(accessKey, secretKey);
    const created = await sdk.sendRequest({
      ...request("POST", "/v1/{project_id}/meshes", projectId),
      data: meshBody("mesh-from-sdk"),
    });
    expect(created).toMatchObject({ httpStatusCode: 201, status: { phase: "Creating" } });
    const { uid } = created.metadata;
    const shown = await sdk.sendRequest(request("GET", `/v1/{project_id}/meshes/${uid}`, projectId));
    expect(shown).toMatchObject({ httpStatusCode: 200, metadata: { uid }, status: { phase: "Running" } });
    const listed = await sdk.sendRequest(request("GET", "/v1/{project_id}/meshes", projectId));
    expect(listed).toMatchObject({ httpStatusCode: 200, kind: "MeshList", items: [{ metadata: { uid } }] });
    const deleted = await sdk.sendRequest(request("DELETE", `/v1/{project_id}/meshes/${uid}`, projectId));
    expect(deleted).toMatchObject({ httpStatusCode: 200, status: { phase: "Deleting" } });
    expect(emulator.requests().map(({ principal, status }) => [principal, status])).toEqual([
      [accessKey, 201],
      [accessKey, 200],
      [accessKey, 200],
      [accessKey, 200],
    ]);
  });

  it("is refused with a wrong secret key", async () => {
    const { accessKey, projectId } = emulator.defaults;
    const sdk = client(accessKey, "another-secret-key-that-is-not-real");
    await expect(sdk.sendRequest(request("GET", "/v1/{project_id}/meshes", projectId))).rejects.toMatchObject(
      {
        httpStatusCode: 401,
        errorCode: "APIGW.0301",
      },
    );
  });

  function client(ak: string, sk: string) {
    const credentials = new BasicCredentials({ ak, sk, projectId: emulator.defaults.projectId });
    return new HcClient(new DefaultHttpClient({}, [emulator.asmUrl]), {})
      .withEndpoints([emulator.asmUrl])
      .withCredential(credentials);
  }
});

function request(method: string, url: string, projectId: string) {
  return {
    method,
    url,
    contentType: "application/json",
    headers: {},
    pathParams: { project_id: projectId },
    queryParams: {},
  };
}
