import type { Config } from "../config.ts";
import type { ApiClient, ApiRequest } from "../huaweicloud/api-client.ts";
import type { Mesh, MeshBody } from "./schema.ts";
import { createdMesh, mesh, meshList } from "./schema.ts";

export interface CallOptions {
  signal?: AbortSignal;
  /** No attempt begins after this moment, in ms since 1970; see ApiRequest. */
  notAfter?: number;
}

/** The four calls of the ASM API (reference, chapter 4); create and delete only start a task. */
export interface AsmClient {
  /** An answer without a uid is an InvalidResponseError: the mesh may exist, so list and reconcile. */
  createMesh(body: MeshBody, options?: CallOptions): Promise<{ mesh: Mesh; requestId?: string }>;
  getMesh(uid: string, options?: CallOptions): Promise<{ mesh: Mesh; requestId?: string }>;
  /** All meshes of the project: the API has neither pages nor filters. `serverTime`: the service's clock, in ms. */
  listMeshes(options?: CallOptions): Promise<{ meshes: Mesh[]; requestId?: string; serverTime?: number }>;
  /** Answers with the mesh, usually `Deleting`; it is gone when getMesh says so, see isMissingMesh. */
  deleteMesh(uid: string, options?: CallOptions): Promise<{ mesh: Mesh; requestId?: string }>;
}

export interface AsmClientOptions {
  api: ApiClient;
  projectId: string;
  region?: string;
  endpoint?: string;
  dialect?: "v1" | "legacy";
}

/** What the settings say of where ASM is and how it is spoken to. */
export function asmSettings({
  region,
  endpoints,
  asmDialect,
}: Pick<Config, "region" | "endpoints" | "asmDialect">): Omit<AsmClientOptions, "api" | "projectId"> {
  return {
    dialect: asmDialect,
    ...(region && { region }),
    ...(endpoints.asm && { endpoint: endpoints.asm }),
  };
}

/**
 * `dialect: "legacy"` speaks the API of before mid-2025, as Open Telekom Cloud does: the project in a header,
 * and region and project in the create body. `endpoint` replaces the one made from the region and may have a path.
 */
export function createAsmClient(options: AsmClientOptions): AsmClient {
  const { api, projectId, region, dialect = "v1" } = options;
  if (options.endpoint === undefined && region === undefined)
    throw new Error("The ASM client needs a region or an endpoint.");
  if (dialect === "legacy" && region === undefined)
    throw new Error("The legacy dialect of ASM needs the region, which is part of its create body.");
  const endpoint = options.endpoint ?? `https://asm.${region}.myhuaweicloud.com`;
  const legacy = dialect === "legacy";
  const collection = legacy ? ["v1", "meshes"] : ["v1", projectId, "meshes"];

  async function call<T>(
    request: Pick<ApiRequest<T>, "operation" | "kind" | "method" | "success"> & {
      schema: NonNullable<ApiRequest<T>["schema"]>;
      uid?: string;
      body?: unknown;
    },
    { signal, notAfter }: CallOptions = {},
  ): Promise<{ data: T; requestId?: string; headers?: Headers }> {
    const { uid, ...rest } = request;
    const { data, requestId, headers } = await api.request<T>({
      service: "asm",
      endpoint,
      path: uid === undefined ? collection : [...collection, uid],
      ...rest,
      ...(legacy ? { headers: { "X-Apply-ProjectID": projectId } } : {}),
      ...(signal ? { signal } : {}),
      ...(notAfter === undefined ? {} : { notAfter }),
    });
    return { data, ...(requestId === undefined ? {} : { requestId }), ...(headers ? { headers } : {}) };
  }

  return {
    async createMesh(body, options) {
      const answer = await call(
        {
          operation: "CreateMesh",
          kind: "create",
          method: "POST",
          body: legacy ? legacyBody(body, projectId, region) : body,
          success: [201, 200],
          schema: createdMesh,
        },
        options,
      );
      return meshIn(answer);
    },
    async getMesh(uid, options) {
      const answer = await call(
        { operation: "ShowMesh", kind: "read", method: "GET", uid, success: [200], schema: mesh },
        options,
      );
      return meshIn(answer);
    },
    async listMeshes(options) {
      const { data, requestId, headers } = await call(
        { operation: "ListMeshes", kind: "read", method: "GET", success: [200], schema: meshList },
        options,
      );
      const serverTime = Date.parse(headers?.get("date") ?? "");
      return {
        meshes: data,
        ...(requestId === undefined ? {} : { requestId }),
        ...(Number.isNaN(serverTime) ? {} : { serverTime }),
      };
    },
    async deleteMesh(uid, options) {
      const answer = await call(
        { operation: "DeleteMesh", kind: "delete", method: "DELETE", uid, success: [200], schema: mesh },
        options,
      );
      return meshIn(answer);
    },
  };
}

function meshIn({ data, requestId }: { data: Mesh; requestId?: string }) {
  return requestId === undefined ? { mesh: data } : { mesh: data, requestId };
}

function legacyBody(body: MeshBody, projectID: string, region: string | undefined) {
  const clusters = body.spec.extendParams.clusters.map((cluster) => ({ ...cluster, projectID }));
  return { ...body, spec: { ...body.spec, region, extendParams: { ...body.spec.extendParams, clusters } } };
}
