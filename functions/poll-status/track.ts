import type { MeshRequest } from "../../shared/request/mesh-request.ts";
import { givenMesh, record, strings, type TrackedMesh } from "../../shared/request/step-answer.ts";

/** What is known of the mesh so far; it grows with each look. */
export interface Track {
  request: MeshRequest;
  mesh: TrackedMesh;
  /** How often each phase was seen; also `notFound`, `unreachable`, `foreign`. */
  observed: Record<string, number>;
  warnings: string[];
}

/** What the input of a call says, which is what the answer of the call before has said. */
export function startTrack(request: MeshRequest, fields: Record<string, unknown>): Track {
  const wanted: { name?: string | undefined; uid?: string | undefined } =
    request.action === "create" ? { name: request.mesh.metadata.name } : request.mesh;
  const given = givenMesh(fields.mesh);
  const uid = given?.uid ?? wanted.uid;
  return {
    request,
    mesh: { name: wanted.name ?? wanted.uid ?? "", ...given, ...(uid !== undefined && { uid }) },
    observed: Object.fromEntries(
      Object.entries(record(fields.observed)).flatMap(([what, count]) =>
        typeof count === "number" && count > 0 ? [[what, count]] : [],
      ),
    ),
    warnings: strings(fields.warnings),
  };
}

/** The parts of an answer that the next call must be given. */
export function known({ mesh, observed, warnings }: Track) {
  return { mesh, observed, ...(warnings.length > 0 && { warnings }) };
}

/** A warning is worth saying once; one with the same beginning gives way to the newer one. */
export function warn(track: Track, beginning: string, rest = ""): void {
  track.warnings = track.warnings.filter((warning) => !warning.startsWith(beginning));
  track.warnings.push(`${beginning}${rest}`);
}
