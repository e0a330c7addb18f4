import type { AsmClient } from "../../shared/asm/client.ts";
import type { Mesh, MeshBody } from "../../shared/asm/schema.ts";
import { ApiError } from "../../shared/huaweicloud/errors.ts";
import type { Clock } from "../../workflows/runner/clock.ts";

/**
 * What befalls one call. `unsent`: it never reached the service. `unavailable`: 503, not carried out, which the
 * caller cannot know. `lost`: carried out, the answer never came. `busy`: 429 of the service, not carried out.
 */
export type Fault = "unsent" | "unavailable" | "lost" | "busy";

export type Operation = "CreateMesh" | "ShowMesh" | "ListMeshes" | "DeleteMesh";

export interface AsmModelOptions {
  clock: Clock;
  /** Phases of a mesh that is created, each with the ms after its creation at which it begins. */
  phases?: readonly (readonly [afterMs: number, phase: string])[];
  /** How long a delete takes, in ms; Infinity: it never ends. */
  deletingMs?: number;
  /** A new mesh is listed and shown only after this many ms. */
  lagMs?: number;
  /** How long each call takes, in ms. */
  latencyMs?: number;
  /** Asked before each call; `n` counts the calls of one operation from 1. */
  fault?: (operation: Operation, n: number) => Fault | undefined;
}

/** One mesh that has existed; `by` tells ours from everybody else's. */
export interface ModelMesh {
  name: string;
  uid: string;
  by: "client" | "somebody else";
  clusterID: string;
  version: string | undefined;
  createdAt: number;
  deletedAt?: number;
  goneAt?: number;
}

export interface AsmModel extends AsmClient {
  /** Every mesh that has ever existed, oldest first. */
  readonly meshes: readonly ModelMesh[];
  /** Calls that have reached the service or were meant to, by operation. */
  readonly calls: Readonly<Record<Operation, number>>;
  /** A mesh that somebody else creates now, or has created `ageMs` ago. */
  put(mesh: { name: string; clusterID?: string; version?: string; ageMs?: number }): ModelMesh;
  /** Somebody else has the mesh removed: it is gone at once. */
  vanish(name: string): void;
}

/** The ASM service in memory: names are unique, creates and deletes take their time, reads may lag behind. */
export function createAsmModel(options: AsmModelOptions): AsmModel {
  const { clock, deletingMs = 60_000, lagMs = 0, latencyMs = 200, fault = () => undefined } = options;
  const phases = options.phases ?? [
    [0, "Creating"],
    [90_000, "Running"],
  ];
  const meshes: ModelMesh[] = [];
  const calls = { CreateMesh: 0, ShowMesh: 0, ListMeshes: 0, DeleteMesh: 0 };

  const exists = (mesh: ModelMesh) => clock.now() < (mesh.goneAt ?? Number.POSITIVE_INFINITY);
  const isRead = (mesh: ModelMesh) => exists(mesh) && clock.now() >= mesh.createdAt + lagMs;
  const add = (mesh: Omit<ModelMesh, "uid">): ModelMesh => {
    const added = { uid: `00000000-0000-4000-8000-${String(meshes.length + 1).padStart(12, "0")}`, ...mesh };
    meshes.push(added);
    return added;
  };
  const show = (mesh: ModelMesh): Mesh => {
    const age = clock.now() - mesh.createdAt;
    const [since, phase] =
      mesh.deletedAt === undefined
        ? ([...phases].reverse().find(([afterMs]) => afterMs <= age) ?? [0, "Creating"])
        : [mesh.deletedAt - mesh.createdAt, "Deleting"];
    return {
      apiVersion: "v1",
      kind: "Mesh",
      metadata: { name: mesh.name, uid: mesh.uid, creationTimestamp: seconds(mesh.createdAt) },
      spec: {
        type: "InCluster",
        ...(mesh.version === undefined ? {} : { version: mesh.version }),
        extendParams: { clusters: [{ clusterID: mesh.clusterID }] },
      },
      status: { phase, updateTimestamp: seconds(mesh.createdAt + since) },
    };
  };

  /** One call: half the latency there, the deed unless a fault prevents it, half the latency back. */
  async function call<T>(
    operation: Operation,
    deed: () => T,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<T> {
    calls[operation]++;
    const mishap = fault(operation, calls[operation]);
    await clock.sleep(latencyMs / 2, signal);
    if (mishap === "unsent") throw failure(operation, { code: "ECONNREFUSED", retryable: true });
    if (mishap === "unavailable")
      throw failure(operation, { status: 503, retryable: true, ambiguous: operation !== "ShowMesh" });
    if (mishap === "busy") throw failure(operation, { status: 429, code: "ASM.01429001", retryable: true });
    const result = deed();
    await clock.sleep(latencyMs / 2, signal);
    if (mishap === "lost") throw failure(operation, { code: "ETIMEDOUT", retryable: true, ambiguous: true });
    return result;
  }

  const byUid = (operation: Operation, uid: string, seen: (mesh: ModelMesh) => boolean): ModelMesh => {
    const mesh = meshes.find((one) => one.uid === uid && seen(one));
    if (mesh === undefined) throw failure(operation, { status: 404, code: "ASM.01404001" });
    return mesh;
  };

  return {
    meshes,
    calls,
    put: ({ name, clusterID = "cluster-of-somebody-else", version, ageMs = 0 }) =>
      add({ name, by: "somebody else", clusterID, version, createdAt: clock.now() - ageMs }),
    vanish(name) {
      for (const mesh of meshes) if (mesh.name === name && exists(mesh)) mesh.goneAt = clock.now();
    },
    createMesh: (body: MeshBody, callOptions) =>
      call(
        "CreateMesh",
        () => {
          const { name } = body.metadata;
          if (meshes.some((mesh) => mesh.name === name && exists(mesh)))
            throw failure("CreateMesh", { status: 409, code: "ASM.01409001" });
          const { version } = body.spec;
          const clusterID = body.spec.extendParams.clusters[0]?.clusterID ?? "";
          return { mesh: show(add({ name, by: "client", clusterID, version, createdAt: clock.now() })) };
        },
        callOptions,
      ),
    getMesh: (uid, callOptions) =>
      call("ShowMesh", () => ({ mesh: show(byUid("ShowMesh", uid, isRead)) }), callOptions),
    listMeshes: (callOptions) =>
      call("ListMeshes", () => ({ meshes: meshes.filter(isRead).map(show) }), callOptions),
    deleteMesh: (uid, callOptions) =>
      call(
        "DeleteMesh",
        () => {
          const mesh = byUid("DeleteMesh", uid, exists);
          mesh.deletedAt ??= clock.now();
          mesh.goneAt ??= mesh.deletedAt + deletingMs;
          return { mesh: show(mesh) };
        },
        callOptions,
      ),
  };
}

function failure(
  operation: Operation,
  what: { status?: number; code?: string; retryable?: boolean; ambiguous?: boolean },
): ApiError {
  const { retryable = false, ...rest } = what;
  const answer = [what.status, what.code].filter((part) => part !== undefined).join(" ");
  return new ApiError(`${operation} answered ${answer}`, {
    operation,
    method: { CreateMesh: "POST", DeleteMesh: "DELETE", ShowMesh: "GET", ListMeshes: "GET" }[operation],
    url: "https://asm.example.com/v1/project/meshes",
    retryable,
    ...rest,
  });
}

/** The service's times have no fractions. */
function seconds(at: number): string {
  return new Date(Math.floor(at / 1000) * 1000).toISOString().replace(".000Z", "Z");
}
