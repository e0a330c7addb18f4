import middy from "@middy/core";
import type * as z from "zod/mini";
import type { FunctionContext } from "./context.ts";
import { type Call, type Invocation, startCall } from "./invocation.ts";
import { answer } from "./middlewares/answer.ts";
import { settings } from "./middlewares/settings.ts";
import { stopSignal } from "./middlewares/stop-signal.ts";
import { typedInput } from "./middlewares/typed-input.ts";

/** The runtime counts the parameters and takes two or three, and waits for a native Promise. */
export type FunctionHandler = (event: unknown, context: FunctionContext) => Promise<unknown>;

export interface HandlerOptions<Input> {
  /** Checks the event and gives it its type; without it the event comes as it is. */
  input?: z.ZodMiniType<Input>;
  run: (invocation: Invocation<Input>) => Promise<unknown>;
  /** How long before its time limit the work is told to stop, in ms. */
  stopEarlyMs?: number;
  /** How long before its time limit the function answers, whether the work has stopped or not, in ms. */
  answerEarlyMs?: number;
  env?: Record<string, string | undefined>;
}

/**
 * The handler of an event function: reads settings and credentials anew for each invocation, checks the input, runs
 * and always answers, in the form that the caller needs. Never throws.
 */
export function createHandler<Input = unknown>(options: HandlerOptions<Input>): FunctionHandler {
  const { input, run, stopEarlyMs = 3000, answerEarlyMs = 500, env = process.env } = options;
  const pipeline = middy<unknown, unknown, Error, Call>({ timeoutEarlyInMillis: answerEarlyMs })
    .use(answer())
    .use(stopSignal(stopEarlyMs))
    .use(settings(env))
    .use(typedInput(input))
    .handler((_event: unknown, call: Call) => run(call as Invocation<Input>));

  return async (event, context) => {
    const startedAt = performance.now();
    const call = startCall(event, context);
    const result = await pipeline(event, call);
    const { statusCode } = (result ?? {}) as { statusCode?: unknown };
    call.logger.info({ statusCode, ms: Math.round(performance.now() - startedAt) }, "answered");
    return result;
  };
}
