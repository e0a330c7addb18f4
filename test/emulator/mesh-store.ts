import { randomUUID } from "node:crypto";
import { type Clock, timestamp } from "./clock.ts";
import { isObject } from "./http.ts";

export type Phase =
  | "Creating"
  | "Running"
  | "CreateFailed"
  | "Deleting"
  | "DeleteFailed"
  | "Upgrading"
  | "UpgradeFailed"
  | "RollingBack"
  | "RollbackFailed";

/** One line of a mesh's life: from `at` (elapsed clock, ms) on it is in `phase`; `gone` ends it. */
interface Turn {
  at: number;
  phase: Phase | "gone" | (string & {});
  /** Wall clock of the same moment, for updateTimestamp. */
  wall: number;
}

export interface StoredMesh {
  uid: string;
  projectId: string;
  name: string;
  createdAt: number;
  /** The create body as it was sent. */
  body: Record<string, unknown>;
  /** The version that the service chose or understood. */
  version: string;
  legacy: boolean;
  turns: Turn[];
  /** The last line that a list had for it, as JSON. */
  listed?: { turn: Turn; text: string };
}

/** Longer than any list may be behind. */
const FORGOTTEN_MS = 600_000;

/** The meshes of one emulator. Phases follow the clock: a mesh is what its turns say at the time it is read. */
export class MeshStore {
  readonly #clock: Clock;
  readonly #byUid = new Map<string, StoredMesh>();
  readonly #byName = new Map<string, StoredMesh>();
  readonly #byCluster = new Map<string, StoredMesh>();
  readonly #byProject = new Map<string, Set<StoredMesh>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(
    mesh: Pick<StoredMesh, "projectId" | "name" | "body" | "version" | "legacy">,
    nameKey: string,
  ): StoredMesh {
    const stored: StoredMesh = { ...mesh, uid: randomUUID(), createdAt: this.#clock.now(), turns: [] };
    this.#byUid.set(stored.uid, stored);
    this.#byName.set(nameKey, stored);
    for (const id of clusterIds(stored)) this.#byCluster.set(id, stored);
    const project = this.#byProject.get(mesh.projectId) ?? new Set();
    this.#byProject.set(mesh.projectId, project.add(stored));
    return stored;
  }

  /**
   * Puts the mesh into `phase` now and schedules what follows, each after so many ms; forgets what was scheduled.
   * Returns the turn of now.
   */
  turn(mesh: StoredMesh, phase: Turn["phase"], ...then: { afterMs: number; phase: Turn["phase"] }[]): Turn {
    const at = this.#clock.elapsed();
    const wall = this.#clock.now();
    mesh.turns = mesh.turns.filter((turn) => turn.at <= at);
    const turn = { at, wall, phase };
    mesh.turns.push(turn);
    for (const { afterMs, phase } of then) {
      mesh.turns.push({ at: at + afterMs, wall: wall + afterMs, phase });
    }
    return turn;
  }

  find(uid: string): StoredMesh | undefined {
    return this.#byUid.get(uid);
  }

  /** The living mesh that holds a name; `nameKey` is the name within the scope that must be unique. */
  holder(nameKey: string): StoredMesh | undefined {
    return this.#living(this.#byName.get(nameKey));
  }

  ofCluster(clusterId: string): StoredMesh | undefined {
    return this.#living(this.#byCluster.get(clusterId));
  }

  /** What a reader sees who is `lagMs` behind: the turn in force then, or undefined when there is no mesh. */
  view(mesh: StoredMesh, lagMs = 0): Turn | undefined {
    const at = this.#clock.elapsed() - lagMs;
    let seen: Turn | undefined;
    for (const turn of mesh.turns) {
      if (turn.at > at) break;
      seen = turn;
    }
    return seen?.phase === "gone" ? undefined : seen;
  }

  /** The meshes that a list shows which is `lagMs` behind. Forgets those that no list will show again. */
  visible(projectId: string, lagMs: number): { mesh: StoredMesh; turn: Turn }[] {
    const project = this.#byProject.get(projectId) ?? [];
    const shown: { mesh: StoredMesh; turn: Turn }[] = [];
    for (const mesh of project) {
      const turn = this.view(mesh, lagMs);
      if (turn) shown.push({ mesh, turn });
      else if (project instanceof Set && this.#isLongGone(mesh)) project.delete(mesh);
    }
    return shown;
  }

  count(projectId: string): number {
    return this.visible(projectId, 0).length;
  }

  /** Every mesh there ever was. */
  all(): StoredMesh[] {
    return [...this.#byUid.values()];
  }

  clear(): void {
    for (const map of [this.#byUid, this.#byName, this.#byCluster, this.#byProject]) map.clear();
  }

  #isLongGone(mesh: StoredMesh): boolean {
    const last = mesh.turns.at(-1);
    return last?.phase === "gone" && last.at < this.#clock.elapsed() - FORGOTTEN_MS;
  }

  #living(mesh: StoredMesh | undefined): StoredMesh | undefined {
    return mesh && this.view(mesh) ? mesh : undefined;
  }
}

/** The cluster ids of a create body. */
export function clusterIds({ body }: Pick<StoredMesh, "body">): string[] {
  return clusters(body).map((cluster) => String(cluster.clusterID));
}

function clusters(body: Record<string, unknown>): Record<string, unknown>[] {
  const spec = body.spec;
  const params = isObject(spec) ? spec.extendParams : undefined;
  const list = isObject(params) ? params.clusters : undefined;
  return Array.isArray(list) ? list.filter(isObject) : [];
}

/**
 * A mesh as answers show it: no installation, injection, tags, labels or annotations. The create answer's
 * status has a phase only. The old dialect shows more (and `meshID` in the answer to a delete).
 */
export function meshAnswer(
  mesh: StoredMesh,
  turn: Turn,
  operation: "CreateMesh" | "ShowMesh" | "ListMeshes" | "DeleteMesh",
  domainId: string,
): Record<string, unknown> {
  const spec = mesh.body.spec as Record<string, unknown>;
  return {
    kind: "Mesh",
    apiVersion: "v1",
    metadata: { name: mesh.name, uid: mesh.uid, creationTimestamp: timestamp(mesh.createdAt) },
    spec: {
      type: spec.type,
      version: mesh.version,
      ...(mesh.legacy ? { domainID: domainId, region: spec.region } : {}),
      ...(spec.ipv6Enable === undefined ? {} : { ipv6Enable: spec.ipv6Enable }),
      ...(spec.config === undefined ? {} : { config: spec.config }),
      extendParams: {
        clusters: clusters(mesh.body).map((cluster) =>
          mesh.legacy ? legacyCluster(mesh, cluster, operation) : { clusterID: cluster.clusterID },
        ),
      },
    },
    status: {
      phase: turn.phase,
      ...(operation === "CreateMesh" ? {} : { updateTimestamp: timestamp(turn.wall) }),
    },
  };
}

function legacyCluster(mesh: StoredMesh, cluster: Record<string, unknown>, operation: string) {
  const { clusterID, projectID, installation, injection } = cluster;
  return {
    clusterID,
    projectID,
    region: (mesh.body.spec as Record<string, unknown>).region,
    provider: "CCE",
    proxyMode: "sidecar",
    installation,
    ...(injection === undefined ? {} : { injection }),
    ...(operation === "DeleteMesh" ? { meshID: mesh.uid } : {}),
  };
}
