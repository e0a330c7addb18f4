import type { Config } from "../config.ts";
import { type ApiClientOptions, createApiClient } from "./api-client.ts";
import { CredentialsError } from "./errors.ts";
import { createTokenProvider } from "./token.ts";

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
export function credentialsFromConfig(
  config: Pick<
    Config,
    "accessKey" | "secretKey" | "securityToken" | "projectId" | "iam" | "region" | "endpoints"
  >,
  seams: Pick<ApiClientOptions, "fetch" | "now" | "sleep" | "random" | "logger" | "attemptTimeoutMs"> = {},
): CredentialsProvider {
  const { accessKey, secretKey, securityToken, projectId, iam, region } = config;
  if (accessKey && secretKey) {
    return staticCredentials({
      kind: "access-key",
      accessKey,
      secretKey,
      ...(securityToken ? { securityToken } : {}),
      ...(projectId ? { projectId } : {}),
    });
  }
  if (!iam) {
    throw new CredentialsError(
      "No Huawei Cloud credentials are set. Set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK (with HUAWEICLOUD_SDK_SECURITY_TOKEN if they are temporary), or HW_USER_NAME, HW_USER_PASSWORD and HW_DOMAIN_NAME.",
    );
  }
  const projectName = iam.projectName ?? region;
  if (!projectId && !projectName) {
    throw new CredentialsError(
      "An IAM user's token needs a project. Set HUAWEICLOUD_SDK_PROJECT_ID, HW_PROJECT_NAME or HW_REGION_NAME.",
    );
  }
  return createTokenProvider({
    api: createApiClient({ ...seams, credentials: "none" }),
    endpoint: config.endpoints.iam ?? `https://iam.${region ? `${region}.` : ""}myhuaweicloud.com`,
    userName: iam.userName,
    password: iam.password,
    domainName: iam.domainName,
    project: projectId ? { id: projectId } : { name: projectName! },
    ...(seams.now ? { now: seams.now } : {}),
  });
}
