import { asmFor } from "../../shared/handler/asm-for.ts";
import { createHandler } from "../../shared/handler/create-handler.ts";
import { createMesh } from "./create-mesh.ts";

export const handler = createHandler({
  run: async (invocation) => {
    const { input, signal, logger } = invocation;
    return createMesh(input, { asm: asmFor(invocation), signal, logger });
  },
});
