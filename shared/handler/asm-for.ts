import { type AsmClient, asmSettings, createAsmClient } from "../asm/client.ts";
import { ConfigError } from "../config.ts";
import { type ApiClient, clientSettings, createApiClient } from "../huaweicloud/api-client.ts";
import type { Invocation } from "./invocation.ts";

/** The signed API client of one invocation. Attempts that fail are in its log. */
export function apiFor({ config, credentials, logger }: Invocation): ApiClient {
  return createApiClient({
    credentials,
    ...clientSettings(config),
    logger,
    onAttempt: (event) => {
      if (event.error !== undefined) logger.warn(event, "an attempt failed");
    },
    ...(config.projectId && { projectId: config.projectId }),
  });
}

/** The ASM client of one invocation. Throws ConfigError when nobody said where ASM is. */
export function asmFor(invocation: Invocation): AsmClient {
  const { region, projectId, endpoints } = invocation.config;
  if (!region && !endpoints.asm)
    throw new ConfigError(
      "The function does not know its region: set the variable HW_REGION_NAME, such as cn-north-4.",
    );
  if (!projectId)
    throw new ConfigError("The function does not know its project: set the variable HW_PROJECT_ID.");
  return createAsmClient({ api: apiFor(invocation), projectId, ...asmSettings(invocation.config) });
}
