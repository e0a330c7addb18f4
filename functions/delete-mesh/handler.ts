import { asmFor } from "../../shared/handler/asm-for.ts";
import { createHandler } from "../../shared/handler/create-handler.ts";
import { deleteMesh } from "./delete-mesh.ts";

/** May run for 420 s: list, delete and a look after a refusal, each of 130 s with all its attempts. */
export const handler = createHandler({
  run: async (invocation) => {
    const { input, signal, logger } = invocation;
    return deleteMesh(input, { asm: asmFor(invocation), signal, logger });
  },
});
