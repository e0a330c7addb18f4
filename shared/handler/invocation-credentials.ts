import type { Config } from "../config.ts";
import { type CredentialsProvider, credentialsFromConfig } from "../huaweicloud/credentials.ts";
import { CredentialsError } from "../huaweicloud/errors.ts";
import type { FunctionContext } from "./context.ts";

/**
 * The credentials of one invocation: those that are configured, else the temporary key of the function's agency,
 * which comes anew with each invocation and must not be kept. Asking for them throws {@link CredentialsError} where
 * there are none, so nothing is sent; a function that needs none is not held up.
 */
export function invocationCredentials(config: Config, context: FunctionContext): CredentialsProvider {
  if (config.accessKey || config.iam) return credentialsFromConfig(config);
  const accessKey = context.getSecurityAccessKey();
  const secretKey = context.getSecuritySecretKey();
  const securityToken = context.getSecurityToken();
  return {
    async get() {
      if (!accessKey || !secretKey || !securityToken) throw new CredentialsError(noAgency);
      return {
        kind: "access-key",
        accessKey,
        secretKey,
        securityToken,
        ...(config.projectId && { projectId: config.projectId }),
      };
    },
  };
}

const noAgency =
  "The function has no credentials: give it an agency for FunctionGraph that may do this (it takes about 10 minutes to show), or set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK as encrypted variables.";
