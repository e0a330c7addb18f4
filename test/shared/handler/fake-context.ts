import type { FunctionContext } from "../../../shared/handler/context.ts";

export interface ContextValues {
  requestId?: string;
  userData?: Record<string, string>;
  /** The agency's temporary key; without it the runtime gives empty texts. */
  agency?: { accessKey: string; secretKey: string; securityToken: string };
  projectId?: string;
  /** Time limit of the invocation, in ms, from the moment the context is made. */
  timeoutMs?: number;
  workflowRunId?: string;
}

/** A context with private fields, as a class of the runtime may have them: it must be called as it is. */
export class FakeContext implements FunctionContext {
  readonly #values: ContextValues;
  readonly #startedAt = Date.now();

  constructor(values: ContextValues = {}) {
    this.#values = values;
  }
  getRequestID = () => this.#values.requestId ?? "request-1";
  getRemainingTimeInMilliSeconds() {
    return (this.#values.timeoutMs ?? 60_000) - (Date.now() - this.#startedAt);
  }
  getUserData(name: string) {
    return this.#values.userData?.[name];
  }
  getFunctionName() {
    return "some-function";
  }
  getVersion() {
    return "latest";
  }
  getPackage() {
    return "default";
  }
  getProjectID() {
    return this.#values.projectId ?? "project-of-the-function";
  }
  getMemorySize() {
    return "256";
  }
  getCPUNumber() {
    return "300";
  }
  getAlias() {
    return "";
  }
  getSecurityAccessKey() {
    return this.#values.agency?.accessKey ?? "";
  }
  getSecuritySecretKey() {
    return this.#values.agency?.secretKey ?? "";
  }
  getSecurityToken() {
    return this.#values.agency?.securityToken ?? "";
  }
  getWorkflowRunID() {
    return this.#values.workflowRunId ?? "";
  }
}
