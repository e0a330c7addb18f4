import type { Config } from "../config.ts";
import { CredentialsError } from "./errors.ts";

/** An access key (permanent, or temporary with its security token), or an IAM token. */
export type Credentials =
  | {
      kind: "access-key";
      accessKey: string;
      secretKey: string;
      securityToken?: string;
      projectId?: string;
    }
  | { kind: "token"; token: string; projectId?: string };

/** Gives the credentials for one attempt; asked again for each, since temporary ones expire. */
export interface CredentialsProvider {
  /** `refresh` asks for new ones after a 401. Throws {@link CredentialsError} where there are none. */
  get(options?: { refresh?: boolean; signal?: AbortSignal }): Promise<Credentials>;
}

/** A provider of the same credentials, always. */
export function staticCredentials(credentials: Credentials): CredentialsProvider {
  return { get: async () => credentials };
}

/**
 * The first that is set: access key and secret key (with a security token if they are temporary), then an IAM
 * user's password. Throws {@link CredentialsError} with what to set when there is none.
 */
export function credentialsFromConfig(config: Config): CredentialsProvider {
  if (config.accessKey && config.secretKey) {
    return staticCredentials({
      kind: "access-key",
      accessKey: config.accessKey,
      secretKey: config.secretKey,
      ...(config.securityToken ? { securityToken: config.securityToken } : {}),
      ...(config.projectId ? { projectId: config.projectId } : {}),
    });
  }
  throw new CredentialsError("No Huawei Cloud credentials are set.");
}
