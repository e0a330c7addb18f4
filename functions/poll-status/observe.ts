import type { AsmClient, CallOptions } from "../../shared/asm/client.ts";
import { isMissingMesh } from "../../shared/asm/phase.ts";
import { findMeshForDelete, reconcileCreate } from "../../shared/asm/reconcile.ts";
import type { Mesh } from "../../shared/asm/schema.ts";
import type { MeshRequest } from "../../shared/request/mesh-request.ts";
import { isTransient } from "../../shared/request/step-failure.ts";

/** What one look at the service has shown. */
export type Observation =
  | { kind: "seen"; mesh: Mesh }
  | { kind: "notFound" }
  /** Another mesh stands behind the name, or more than one. */
  | { kind: "foreign"; why: string }
  /** The look itself failed, in a way that may pass. */
  | { kind: "unreachable"; error: unknown };

/** One look: by uid where it is known, else through the list. Throws what will not pass, and when aborted. */
export async function observe(
  asm: AsmClient,
  request: MeshRequest,
  uid: string | undefined,
  options: CallOptions,
): Promise<Observation> {
  try {
    if (uid === undefined) return observeByName(request, (await asm.listMeshes(options)).meshes);
    return { kind: "seen", mesh: (await asm.getMesh(uid, options)).mesh };
  } catch (error) {
    if (options.signal?.aborted) throw error;
    // of a list it would mean that the project is not there, which says nothing about the mesh
    if (uid !== undefined && isMissingMesh(error)) return { kind: "notFound" };
    if (isTransient(error)) return { kind: "unreachable", error };
    throw error;
  }
}

function observeByName(request: MeshRequest, meshes: Mesh[]): Observation {
  const found =
    request.action === "create"
      ? reconcileCreate(meshes, request.mesh, request)
      : findMeshForDelete(meshes, request.mesh, request.requestedAt);
  if (found.outcome === "absent") return { kind: "notFound" };
  if (found.outcome === "ours" || found.outcome === "found") return { kind: "seen", mesh: found.mesh };
  return { kind: "foreign", why: found.why };
}
