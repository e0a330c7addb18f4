import type { AsmClient } from "../../shared/asm/client.ts";
import { isMissingMesh } from "../../shared/asm/phase.ts";
import type { Mesh } from "../../shared/asm/schema.ts";
import { CommandError } from "./command-error.ts";
import { exitCodes } from "./exit-codes.ts";
import { nearest } from "./nearest.ts";

/**
 * The one mesh of a name or uid. Throws {@link CommandError} when there is none, with the nearest name, or more
 * than one, with all uids.
 */
export async function resolveMesh(asm: AsmClient, nameOrUid: string): Promise<Mesh> {
  const found = await findMesh(asm, nameOrUid);
  if ("mesh" in found) return found.mesh;
  throw noSuchMesh(nameOrUid, found.names);
}

/** The error for a mesh that is not there, with the nearest name that is. */
export function noSuchMesh(nameOrUid: string, names: readonly string[]): CommandError {
  const near = nearest(nameOrUid, names);
  return new CommandError(`No mesh ${nameOrUid} in this project.`, {
    exitCode: exitCodes.notFound,
    next: near
      ? `Did you mean ${near}? All of them: meshflow list`
      : "See the meshes there are: meshflow list",
  });
}

/** As {@link resolveMesh}, but gives the names that exist when there is no such mesh. */
export async function findMesh(
  asm: AsmClient,
  nameOrUid: string,
): Promise<{ mesh: Mesh } | { names: string[] }> {
  if (looksLikeUid(nameOrUid)) {
    try {
      return { mesh: (await asm.getMesh(nameOrUid)).mesh };
    } catch (error) {
      if (!isMissingMesh(error)) throw error;
    }
  }
  const { meshes } = await asm.listMeshes();
  const same = meshes.filter(({ metadata }) => metadata.name === nameOrUid || metadata.uid === nameOrUid);
  if (same.length > 1) {
    throw new CommandError(
      `${same.length} meshes are called ${nameOrUid}: ${same.map(({ metadata }) => metadata.uid).join(", ")}.`,
      { exitCode: exitCodes.usage, next: "Give the uid of the one you mean." },
    );
  }
  return same[0] ? { mesh: same[0] } : { names: meshes.map(({ metadata }) => metadata.name) };
}

function looksLikeUid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
