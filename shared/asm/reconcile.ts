import { ApiError, InvalidResponseError } from "../huaweicloud/errors.ts";
import type { Mesh, MeshBody } from "./schema.ts";

/**
 * How far the service's clock may be behind ours, in ms, before a mesh looks older than the request that made it.
 * The gateway lets calls in whose clock is 15 min off, but each minute of this also lets in a mesh that somebody
 * else made just before; machines with a time service are off by seconds, so 5 min are ample.
 */
export const CLOCK_SKEW_MS = 5 * 60_000;

/** How far the service's clock is ahead of ours (negative: behind), in ms; at most a day, since an answer can lie. */
export function clockOffsetMs(serverTime: number | undefined, now: number): number {
  const day = 24 * 3_600_000;
  return Math.min(Math.max((serverTime ?? now) - now, -day), day);
}

export interface CreateContext {
  requestedAt: string;
  clockSkewMs?: number;
  /** As measured, see {@link clockOffsetMs}; a service that is behind makes its meshes look older. */
  clockOffsetMs?: number;
}

/** Whose mesh stands behind the name that we asked for. */
export type CreateOutcome =
  | { outcome: "ours"; mesh: Mesh }
  | { outcome: "foreign"; mesh: Mesh; why: string }
  | { outcome: "absent" };

/** Must a failed create be settled by listing? After a lost or useless answer, and after "already exists". */
export function mustReconcile(error: unknown): boolean {
  if (error instanceof InvalidResponseError) return true;
  return error instanceof ApiError && (error.ambiguous || error.status === 409);
}

/**
 * Is one of the project's meshes the one that this request has made? Reads echo no tags or labels, so name,
 * cluster, version and time must do. A mesh that cannot be shown to be ours is foreign and must not be touched.
 */
export function reconcileCreate(
  meshes: readonly Mesh[],
  body: MeshBody,
  context: CreateContext,
): CreateOutcome {
  const named = meshes.filter((mesh) => mesh.metadata.name === body.metadata.name);
  const judged = named.map((mesh) => ({ mesh, why: whyForeign(mesh, body, context) }));
  const ours = judged.filter(({ why }) => why === undefined);
  const [first] = ours.length > 0 ? ours : judged;
  if (first === undefined) return { outcome: "absent" };
  if (ours.length > 1) {
    const why = `${ours.length} meshes could be the one asked for: ${ours.map(({ mesh }) => mesh.metadata.uid).join(", ")}`;
    return { outcome: "foreign", mesh: first.mesh, why };
  }
  return first.why === undefined
    ? { outcome: "ours", mesh: first.mesh }
    : { outcome: "foreign", mesh: first.mesh, why: first.why };
}

function whyForeign(
  mesh: Mesh,
  body: MeshBody,
  { requestedAt, clockSkewMs = CLOCK_SKEW_MS, clockOffsetMs = 0 }: CreateContext,
): string | undefined {
  const { uid, creationTimestamp } = mesh.metadata;
  const wanted = body.spec.extendParams.clusters.map((cluster) => cluster.clusterID);
  const found = (mesh.spec?.extendParams?.clusters ?? []).flatMap((cluster) => cluster.clusterID ?? []);
  if (!uid) return "it has no uid";
  if (!wanted.every((id) => found.includes(id)))
    return `it is in cluster ${found.join(", ") || "unknown"}, not ${wanted.join(", ")}`;
  if (!sameVersion(body.spec.version, mesh.spec?.version))
    return `its version is ${mesh.spec?.version}, not ${body.spec.version}`;
  const created = Date.parse(creationTimestamp ?? "");
  if (Number.isNaN(created)) return "it does not say when it was created";
  if (created < wholeSecond(Date.parse(requestedAt)) - clockSkewMs + Math.min(0, clockOffsetMs))
    return `it was created at ${creationTimestamp}, before the request of ${requestedAt}`;
  return undefined;
}

/**
 * `1.18` is met by `1.18.7-r5` and no version by any. How exact a read is, is not documented, so a less exact
 * answer is no contradiction either.
 */
function sameVersion(wanted: string | undefined, found: string | undefined): boolean {
  if (wanted === undefined || found === undefined) return true;
  const [short = "", long = ""] = [wanted, found]
    .map((version) => version.replace(/^v/, ""))
    .sort((a, b) => a.length - b.length);
  return long === short || long.startsWith(`${short}.`) || long.startsWith(`${short}-`);
}

/** The service's times have no fractions. */
function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

/** Which mesh a delete means. */
export type DeleteTarget =
  | { outcome: "found"; mesh: Mesh }
  | { outcome: "refused"; why: string }
  | { outcome: "absent" };

/**
 * By uid (the name, if given, must agree), or by a name that one mesh bears since before the request. A service
 * whose clock is ahead of ours (see {@link clockOffsetMs}) makes its meshes look newer.
 */
export function findMeshForDelete(
  meshes: readonly Mesh[],
  wanted: { name?: string | undefined; uid?: string | undefined },
  requestedAt: string,
  offsetMs = 0,
): DeleteTarget {
  if (wanted.uid !== undefined) {
    const mesh = meshes.find(({ metadata }) => metadata.uid === wanted.uid);
    if (mesh === undefined) return { outcome: "absent" };
    if (wanted.name !== undefined && mesh.metadata.name !== wanted.name)
      return refused(`the mesh ${wanted.uid} is called ${mesh.metadata.name}, not ${wanted.name}`);
    return { outcome: "found", mesh };
  }
  const named = meshes.filter(({ metadata }) => metadata.name === wanted.name);
  const [mesh, ...others] = named;
  if (mesh === undefined) return { outcome: "absent" };
  const uids = named.map(({ metadata }) => metadata.uid ?? "(no uid)").join(", ");
  if (others.length > 0)
    return refused(`${named.length} meshes are called ${wanted.name}: ${uids}; name one by its uid`);
  if (!mesh.metadata.uid) return refused(`the mesh ${wanted.name} has no uid`);
  const created = mesh.metadata.creationTimestamp;
  if (Date.parse(created ?? "") > Date.parse(requestedAt) + Math.max(0, offsetMs))
    return refused(
      `the mesh ${wanted.name} (${uids}) was created at ${created}, after the request of ${requestedAt}; to delete it, name it by its uid`,
    );
  return { outcome: "found", mesh };
}

function refused(why: string): DeleteTarget {
  return { outcome: "refused", why };
}
