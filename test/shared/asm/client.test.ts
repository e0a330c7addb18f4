import { afterEach, describe, expect, it } from "vitest";
import type { AsmClient } from "../../../shared/asm/client.ts";
import { createAsmClient } from "../../../shared/asm/client.ts";
import { mustReconcile } from "../../../shared/asm/reconcile.ts";
import type { MeshBody } from "../../../shared/asm/schema.ts";
import type { ApiRequest } from "../../../shared/huaweicloud/api-client.ts";
import { createApiClient } from "../../../shared/huaweicloud/api-client.ts";
import { ApiError, InvalidResponseError } from "../../../shared/huaweicloud/errors.ts";
import { body, fixture } from "./fixture.ts";
import { type Received, serve } from "./serve.ts";

const projectId = "719217bc273743xxxxxxxxae8bc34480";
const uid = "a1efdc3e-xxxx-xxxx-xxxx-94bef433347e";
const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A client whose service answers every call the same. */
async function clientOf(
  status: number,
  answer: unknown,
  options: { prefix?: string; dialect?: "v1" | "legacy" } = {},
): Promise<{ asm: AsmClient; received: Received[] }> {
  const service = await serve(status, answer);
  stops.push(service.close);
  const api = createApiClient({
    credentials: { get: async () => ({ kind: "token", token: "test-token" }) },
    retry: { attempts: 1 },
  });
  const { prefix = "", ...rest } = options;
  const endpoint = service.url + prefix;
  return {
    asm: createAsmClient({ api, projectId, region: "eu-de", endpoint, ...rest }),
    received: service.received,
  };
}

describe("the calls", () => {
  it("create sends the body and gives the mesh with its request id", async () => {
    const { asm, received } = await clientOf(201, fixture("create-response"));
    const sent = fixture<MeshBody>("create-request");
    expect(await asm.createMesh(sent)).toEqual({ mesh: fixture("create-response"), requestId: "request-1" });
    expect(received).toMatchObject([{ method: "POST", path: `/v1/${projectId}/meshes`, body: sent }]);
  });

  it("a create that is answered with 200 is one too", async () => {
    const { asm } = await clientOf(200, fixture("create-response"));
    expect((await asm.createMesh(body())).mesh.metadata.uid).toBe(uid);
  });

  it("get asks by uid", async () => {
    const { asm, received } = await clientOf(200, fixture("show-response"));
    expect((await asm.getMesh(uid)).mesh).toEqual(fixture("show-response"));
    expect(received).toMatchObject([
      { method: "GET", path: `/v1/${projectId}/meshes/${uid}`, body: undefined },
    ]);
  });

  it("list gives the meshes", async () => {
    const { asm, received } = await clientOf(200, fixture("list-response"));
    expect((await asm.listMeshes()).meshes).toEqual([fixture("show-response")]);
    expect(received).toMatchObject([{ method: "GET", path: `/v1/${projectId}/meshes`, body: undefined }]);
  });

  it.each([{ items: [] }, { items: null }, {}])("the list %j is empty", async (answer) => {
    const { asm } = await clientOf(200, answer);
    expect(await asm.listMeshes()).toMatchObject({ meshes: [], requestId: "request-1" });
  });

  it("list says what time it is for the service, in whole seconds", async () => {
    const { asm } = await clientOf(200, {});
    const before = Math.floor(Date.now() / 1000) * 1000;
    const { serverTime } = await asm.listMeshes();
    expect(serverTime).toBeGreaterThanOrEqual(before);
    expect(serverTime).toBeLessThanOrEqual(Date.now());
  });

  it("delete goes by uid and gives the mesh as it goes", async () => {
    const { asm, received } = await clientOf(200, fixture("delete-response"));
    expect((await asm.deleteMesh(uid)).mesh.status?.phase).toBe("Deleting");
    expect(received).toMatchObject([
      { method: "DELETE", path: `/v1/${projectId}/meshes/${uid}`, body: undefined },
    ]);
  });

  it("a path before the API's own is kept", async () => {
    const { asm, received } = await clientOf(200, {}, { prefix: "/asm-proxy/" });
    await asm.listMeshes();
    expect(received[0]?.path).toBe(`/asm-proxy/v1/${projectId}/meshes`);
  });

  it("an error keeps ASM's code", async () => {
    const { asm } = await clientOf(404, { errorCode: "ASM.01404001", errorMsg: "Resource not found." });
    const error = await asm.getMesh(uid).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 404, code: "ASM.01404001", operation: "ShowMesh" });
  });

  it.each([{ ...fixture<object>("create-response"), metadata: { name: "mesh-test-api" } }, {}, "ok"])(
    "an answer to a create without a uid must be reconciled: %j",
    async (answer) => {
      const { asm } = await clientOf(201, answer);
      const error = await asm.createMesh(body()).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(InvalidResponseError);
      expect(mustReconcile(error)).toBe(true);
    },
  );

  it("an abort signal ends a call", async () => {
    const { asm } = await clientOf(200, {});
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(asm.listMeshes({ signal })).rejects.toThrow("enough");
  });
});

describe("the legacy dialect", () => {
  it("names the project in a header, and region and project in the create body", async () => {
    const { asm, received } = await clientOf(201, fixture("legacy-create-response"), { dialect: "legacy" });
    const { mesh } = await asm.createMesh(body());
    expect(mesh).toEqual(fixture("legacy-create-response"));
    expect(received).toMatchObject([{ method: "POST", path: "/v1/meshes" }]);
    expect(received[0]?.headers["x-apply-projectid"]).toBe(projectId);
    expect(received[0]?.body).toEqual({
      apiVersion: "v1",
      kind: "Mesh",
      metadata: { name: "payments" },
      spec: {
        type: "InCluster",
        version: "1.18.7-r5",
        region: "eu-de",
        extendParams: {
          clusters: [
            {
              clusterID: "cluster-1",
              projectID: projectId,
              installation: {
                nodes: { fieldSelector: { key: "UID", operator: "In", values: ["node-1", "node-2"] } },
              },
            },
          ],
        },
      },
    });
  });

  it("names the project in a header of every call", async () => {
    const { asm, received } = await clientOf(200, fixture("show-response"), { dialect: "legacy" });
    await asm.getMesh(uid);
    await asm.deleteMesh(uid);
    expect(received.map(({ method, path, headers }) => [method, path, headers["x-apply-projectid"]])).toEqual(
      [
        ["GET", `/v1/meshes/${uid}`, projectId],
        ["DELETE", `/v1/meshes/${uid}`, projectId],
      ],
    );
  });

  it("needs the region", () => {
    const api = { request: () => Promise.reject(new Error("not called")) };
    expect(() =>
      createAsmClient({ api, projectId, endpoint: "https://asm.test", dialect: "legacy" }),
    ).toThrow("The legacy dialect of ASM needs the region, which is part of its create body.");
  });
});

describe("the endpoint", () => {
  it("is made from the region", async () => {
    const asked: ApiRequest<unknown>[] = [];
    const api = {
      request: (request: ApiRequest<unknown>) => {
        asked.push(request);
        return Promise.reject(new Error("far away"));
      },
    };
    const asm = createAsmClient({ api: api as never, projectId, region: "cn-north-4" });
    await expect(asm.listMeshes()).rejects.toThrow("far away");
    expect(asked).toMatchObject([
      {
        service: "asm",
        operation: "ListMeshes",
        kind: "read",
        endpoint: "https://asm.cn-north-4.myhuaweicloud.com",
        path: ["v1", projectId, "meshes"],
      },
    ]);
  });

  it("needs a region where none is given", () => {
    const api = { request: () => Promise.reject(new Error("not called")) };
    expect(() => createAsmClient({ api, projectId })).toThrow(
      "The ASM client needs a region or an endpoint.",
    );
  });
});
