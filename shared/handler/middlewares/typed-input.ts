import type * as z from "zod/mini";
import { faultsOf } from "../../asm/faults.ts";
import { InvalidRequestError } from "../../request/mesh-request.ts";
import type { Call } from "../invocation.ts";

/** Turns the event into the function's input. Throws InvalidRequestError with every fault by its path. */
export function typedInput(schema: z.ZodMiniType | undefined) {
  return {
    before({ context: call }: { context: Call }): void {
      if (!schema) {
        call.input = call.event;
        return;
      }
      const parsed = schema.safeParse(call.event);
      if (!parsed.success) throw new InvalidRequestError(faultsOf(parsed.error));
      call.input = parsed.data;
    },
  };
}
