import { readConfig } from "../../config.ts";
import type { Call } from "../invocation.ts";
import { invocationCredentials } from "../invocation-credentials.ts";
import { readUserVariables } from "../user-variables.ts";

/** Reads configuration and credentials for this one invocation. Throws ConfigError with every faulty variable. */
export function settings(env: Record<string, string | undefined>) {
  return {
    before({ context: call }: { context: Call }): void {
      const config = readConfig(readUserVariables(call.context, env));
      const projectId = config.projectId ?? (call.context.getProjectID?.() || env.RUNTIME_PROJECT_ID);
      call.config = { ...config, ...(projectId && { projectId }) };
      call.credentials = invocationCredentials(call.config, call.context);
      if (config.logLevel) call.logger.level = config.logLevel;
    },
  };
}
