import type { Config } from "../config.ts";
import type { CredentialsProvider } from "../huaweicloud/credentials.ts";
import { createLogger, type Logger } from "../logger.ts";
import type { FunctionContext } from "./context.ts";

/** What one invocation of a function works with. Nothing of it outlives the invocation. */
export interface Invocation<Input = unknown> {
  input: Input;
  /** Read for this invocation; `projectId` is the function's own where none is set. */
  config: Config;
  /** Throws when asked and there are none. */
  credentials: CredentialsProvider;
  /** Aborts shortly before the function's time is over, so that there is time left to answer. */
  signal: AbortSignal;
  /** Every line has the request id. */
  logger: Logger;
  context: FunctionContext;
}

/** An invocation on its way through the middlewares, each of which adds its part. */
export interface Call extends Partial<Invocation> {
  /** As it came, before any schema. */
  event: unknown;
  logger: Logger;
  context: FunctionContext;
  /** The name by which middy looks for FunctionGraph's `getRemainingTimeInMilliSeconds`. */
  getRemainingTimeInMillis(): number;
}

export function startCall(event: unknown, context: FunctionContext): Call {
  return {
    event,
    context,
    logger: invocationLogger(context),
    getRemainingTimeInMillis: () => context.getRemainingTimeInMilliSeconds(),
  };
}

/**
 * Writes through `process.stdout.write`, which the runtime replaces by its own log channel; a file descriptor or a
 * worker thread would go past it. The runtime's own request id is that of the last request started, so each line
 * carries its own.
 */
function invocationLogger(context: FunctionContext): Logger {
  const run = context.getWorkflowRunID?.();
  const stdout = { write: (line: string) => void process.stdout.write(line) };
  return createLogger("info", stdout).child({
    requestId: context.getRequestID(),
    function: context.getFunctionName(),
    ...(run && { run }),
  });
}
