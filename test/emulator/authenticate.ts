import type { AccessKeys } from "./access-keys.ts";
import { asmError } from "./asm.ts";
import { type Answer, gatewayError, type Received } from "./http.ts";
import type { Iam, Project } from "./iam.ts";
import type { Route } from "./routes.ts";

export interface Principal {
  /** The access key, or the user's name. */
  name: string;
  /** `token.project` limits a token to one project; an access key may use each of the account's. */
  token?: { project?: Project };
}

export interface Account {
  accessKeys: AccessKeys;
  iam: Iam;
  projects: Project[];
  region: string;
}

/** Lets in who has a valid signature or token, else gives the gateway's 401. */
export function authenticate(received: Received, account: Account, requestId: string): Principal | Answer {
  const refuse = (detail: string) =>
    gatewayError(401, "APIGW.0301", `Incorrect IAM authentication information: ${detail}`, requestId);
  const authorization = received.header("authorization");
  if (authorization !== undefined) {
    const verdict = account.accessKeys.verify(received, authorization);
    return "refusal" in verdict ? refuse(verdict.refusal) : { name: verdict.accessKey };
  }
  const value = received.header("x-auth-token");
  if (value === undefined) return refuse("x-auth-token not found");
  const token = account.iam.lookUp(value);
  if (token === undefined) return refuse("decrypt token fail");
  if (token === "expired" || (token.project && token.project.region !== account.region)) {
    return gatewayError(401, "APIGW.0307", "The token must be updated", requestId);
  }
  return { name: token.user.name, token: token.project ? { project: token.project } : {} };
}

/** Refuses a call for a project that is not the caller's, in the shape of whoever would say so. */
export function authorize(
  received: Received,
  route: Route,
  principal: Principal,
  account: Account,
  requestId: string,
): Answer | undefined {
  const isAsm = route.operation !== "PublishMessage";
  if (route.projectId === undefined) return asmError("invalid", "X-Apply-ProjectID is required");
  const subProject = received.header("x-project-id");
  if (subProject !== undefined && !account.projects.some(({ id }) => id === subProject)) {
    return gatewayError(403, "APIGW.0310", "The project is unavailable", requestId);
  }
  const { token } = principal;
  const allowed = token
    ? token.project?.id === route.projectId
    : account.projects.some(({ id }) => id === route.projectId);
  if (allowed) return undefined;
  if (isAsm) return asmError("forbidden");
  return gatewayError(403, "APIGW.0302", "The IAM user is not authorized to access the API.", requestId);
}
