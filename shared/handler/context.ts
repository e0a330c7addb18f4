/**
 * The second argument of every function, as FunctionGraph's Node.js runtime passes it. All values are texts, save the
 * remaining time; memory (MB) and CPU (millicores) too. Left out: what is deprecated or says another thing than its
 * name, such as the "running time in seconds", which is the time limit in milliseconds.
 */
export interface FunctionContext {
  getRequestID(): string;
  /** Milliseconds until the runtime ends this invocation. */
  getRemainingTimeInMilliSeconds(): number;
  /** A user variable, encrypted or not. */
  getUserData(name: string): string | undefined;
  getFunctionName(): string;
  getVersion(): string;
  getPackage(): string;
  /** Not in every edition of the manual. */
  getProjectID?(): string;
  getMemorySize(): string;
  getCPUNumber(): string;
  /** Empty when the function was not called by an alias. */
  getAlias(): string;
  /** Temporary access key of the agency, for this invocation; empty without an agency. */
  getSecurityAccessKey(): string;
  getSecuritySecretKey(): string;
  /** Belongs to the two above and must be sent, signed, as X-Security-Token. */
  getSecurityToken(): string;
  /** Set when a flow calls the function; undocumented. */
  getWorkflowRunID?(): string;
}
