import { asmFor } from "../../shared/handler/asm-for.ts";
import { createHandler } from "../../shared/handler/create-handler.ts";
import { createMesh } from "./create-mesh.ts";

/**
 * May run for 480 s: list, create and, for up to 60 s, list again; each is tried for 100 s, and its last attempt takes
 * 30 s more. A direct caller gets no answer after 90 s; a flow does.
 */
export const handler = createHandler({
  run: async (invocation) => {
    const { input, signal, logger } = invocation;
    return createMesh(input, { asm: asmFor(invocation), signal, logger });
  },
});
