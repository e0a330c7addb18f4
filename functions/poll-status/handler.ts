import * as z from "zod/mini";
import { asmFor } from "../../shared/handler/asm-for.ts";
import { createHandler } from "../../shared/handler/create-handler.ts";
import { pollStatus } from "./poll-status.ts";

/**
 * May run for 300 s: the 200 s of waiting that the flows ask for, a last look, and time to spare. Never waits longer
 * than it may run: a wait that the time limit cuts short would be an error (503), and one that ends before it is only
 * "ask again" (202).
 */
export const handler = createHandler({
  input: z.looseObject({ waitSeconds: z.nullish(z.number("must be a number of seconds")) }),
  run: async (invocation) => {
    const { input, config, context, signal, logger } = invocation;
    const most = Math.max(0, Math.floor(context.getRemainingTimeInMilliSeconds() / 1000) - lastLookSeconds);
    const waitSeconds = Math.min(input.waitSeconds ?? 60, most);
    return pollStatus({ ...input, waitSeconds }, { asm: asmFor(invocation), signal, logger, ...config.poll });
  },
});

/** What a last look takes at most: it may begin 10 s late and then wait 30 s for its answer. */
const lastLookSeconds = 45;
