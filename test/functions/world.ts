import type { AsmClient, CallOptions } from "../../shared/asm/client.ts";
import { expandMesh } from "../../shared/asm/expand.ts";
import type { Mesh } from "../../shared/asm/schema.ts";
import { ApiError } from "../../shared/huaweicloud/errors.ts";
import type { MeshRequest } from "../../shared/request/mesh-request.ts";

export const requestedAt = "2026-11-24T08:00:00Z";
export const start = Date.parse(requestedAt);
export const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();

const common = {
  requestId: "req-1",
  requestedAt,
  deadline: "2026-11-24T08:30:00Z",
  actor: { source: "cli" as const },
};

export const createRequest: MeshRequest = {
  ...common,
  action: "create",
  mesh: expandMesh({
    name: "prod-mesh",
    version: "1.18.7-r5",
    clusters: [{ id: "cluster-1", nodes: ["node-1", "node-2"] }],
  }).body,
};

export const deleteByUid: MeshRequest = { ...common, action: "delete", mesh: { uid: "uid-1" } };
export const deleteByName: MeshRequest = { ...common, action: "delete", mesh: { name: "prod-mesh" } };

/** A mesh as the service answers it; the one that `createRequest` makes, unless told otherwise. */
export function meshOf(
  phase: string | undefined,
  more: { uid?: string; name?: string; cluster?: string; createdAt?: string; updatedAt?: string } = {},
): Mesh {
  return {
    apiVersion: "v1",
    kind: "Mesh",
    metadata: {
      name: more.name ?? "prod-mesh",
      uid: more.uid ?? "uid-1",
      creationTimestamp: more.createdAt ?? at(1),
    },
    spec: {
      type: "InCluster",
      version: "1.18.7-r5",
      extendParams: { clusters: [{ clusterID: more.cluster ?? "cluster-1" }] },
    },
    status: { ...(phase && { phase }), ...(more.updatedAt && { updateTimestamp: more.updatedAt }) },
  };
}

/** An error of the API client, with its rules for what is retryable and what is ambiguous. */
export function apiError(
  status: number | undefined,
  code?: string,
  more: { retryable?: boolean; ambiguous?: boolean; message?: string } = {},
): ApiError {
  return new ApiError(more.message ?? `GET /v1/p/meshes answered ${status ?? "nothing"} ${code ?? ""}.`, {
    operation: "Test",
    method: "GET",
    url: "https://asm.example/v1/p/meshes",
    status,
    code,
    requestId: "huawei-7",
    retryable: more.retryable ?? (status === undefined || status === 429 || status >= 500),
    ambiguous: more.ambiguous ?? false,
  });
}

export const lostAnswer = () => apiError(504, undefined, { ambiguous: true });
export const nameTaken = () => apiError(409, "ASM.01409001");
export const noSuchMesh = () => apiError(404, "ASM.01404001");
export const wrongAddress = () => apiError(404, "APIGW.0101");

type Script<T> = (T | Error)[] | ((call: number) => T | Error);

/**
 * A world under a virtual clock: each call of the service answers the next item of its script, the last one
 * for ever. `calls` keeps what was called and when, in seconds; `waits` every sleep in ms.
 */
export function world(script: {
  create?: Script<Mesh>;
  get?: Script<Mesh>;
  list?: Script<Mesh[]>;
  delete?: Script<Mesh>;
  /** What one call takes, in ms. */
  callMs?: number;
  startsAt?: number;
  /** How far the service's clock, as its lists tell it, is ahead of ours, in ms. */
  serverAheadMs?: number;
  random?: () => number;
}) {
  let clock = script.startsAt ?? start;
  const calls: string[] = [];
  const waits: number[] = [];
  const counts: Record<string, number> = {};
  const next = <T>(kind: string, what: Script<T> | undefined, detail = ""): T => {
    const count = counts[kind] ?? 0;
    counts[kind] = count + 1;
    calls.push(`${kind}${detail && ` ${detail}`} @${(clock - start) / 1000}`);
    clock += script.callMs ?? 0;
    if (what === undefined) throw new Error(`unexpected call of ${kind}`);
    const answer = typeof what === "function" ? what(count) : what[Math.min(count, what.length - 1)];
    if (answer instanceof Error) throw answer;
    return answer as T;
  };
  const limits: string[] = [];
  const limited = (kind: string, { notAfter = Number.NaN }: CallOptions = {}) =>
    void limits.push(`${kind} @${(clock - start) / 1000} until ${(notAfter - start) / 1000}`);
  const asm: AsmClient = {
    createMesh: async (_, options) => {
      limited("create", options);
      return { mesh: next("create", script.create) };
    },
    getMesh: async (uid, options) => {
      limited("get", options);
      return { mesh: next("get", script.get, uid) };
    },
    listMeshes: async (options) => {
      limited("list", options);
      const { serverAheadMs } = script;
      const serverTime = serverAheadMs === undefined ? {} : { serverTime: clock + serverAheadMs };
      return { meshes: next("list", script.list), ...serverTime };
    },
    deleteMesh: async (uid, options) => {
      limited("delete", options);
      return { mesh: next("delete", script.delete, uid) };
    },
  };
  return {
    asm,
    calls,
    /** Until when each call and its retries may begin, in seconds. */
    limits,
    waits,
    now: () => clock,
    random: script.random ?? (() => 0.5),
    sleep: async (ms: number, signal?: AbortSignal) => {
      signal?.throwIfAborted();
      waits.push(ms);
      clock += ms;
    },
    elapse: (ms: number) => {
      clock += ms;
    },
    /** How often each kind of call was made. */
    counts,
  };
}
