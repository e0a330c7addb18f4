import * as z from "zod/mini";
import { meshSpecToSend } from "../asm/schema.ts";
import { shortMesh } from "../asm/short-mesh.ts";
import { meshToDelete, requestFields } from "./mesh-request.ts";

/** What may be asked for: fields with a default may be left out, the mesh may be in the short or the full form. */
const optional = z.partial(z.strictObject(requestFields)).shape;

const asked = z.discriminatedUnion("action", [
  z.strictObject({ ...optional, action: z.literal("create"), mesh: z.union([shortMesh, meshSpecToSend]) }),
  z.strictObject({ ...optional, action: z.literal("delete"), mesh: meshToDelete }),
]);

/** JSON Schema (2020-12) of a request, for editors and form builders. Rules over several fields are not in it. */
export function meshRequestJsonSchema(): Record<string, unknown> {
  return { title: "MeshRequest", ...z.toJSONSchema(asked, { io: "input", unrepresentable: "any" }) };
}
