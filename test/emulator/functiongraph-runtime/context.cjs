"use strict";
const { createLogger } = require("./logger.cjs");

/** The second argument of a handler, with the platform's oddities (runtime reference, section 7). */
class Context {
  constructor({ requestId, credentials = {}, alias = "", workflow = {} }, env) {
    this.requestID = requestId;
    this.functionName = env.RUNTIME_FUNC_NAME;
    this.package = env.RUNTIME_PACKAGE;
    this.projectID = env.RUNTIME_PROJECT_ID;
    this.functionVersion = env.RUNTIME_FUNC_VERSION;
    this.memory = env.RUNTIME_MEMORY;
    this.cpu = env.RUNTIME_CPU;
    this.timeout = (Number(env.RUNTIME_TIMEOUT) || 3) * 1000;
    this.userData = JSON.parse(env.RUNTIME_USERDATA || "{}");
    this.startTime = Date.now();
    this.alias = alias;
    this.accessKey = "";
    this.secretKey = "";
    this.securityAccessKey = credentials.accessKey ?? "";
    this.securitySecretKey = credentials.secretKey ?? "";
    this.securityToken = credentials.securityToken ?? "";
    this.authToken = credentials.authToken ?? "";
    this.workflowID = workflow.id ?? "";
    this.workflowRunID = workflow.runId ?? "";
    this.workflowStateID = workflow.stateId ?? "";
    this.logger = createLogger(requestId);
  }

  getRequestID() {
    return this.requestID;
  }
  getRemainingTimeInMilliSeconds() {
    return this.timeout - (Date.now() - this.startTime);
  }
  /** The function's timeout, and in milliseconds, whatever its name says. */
  getRunningTimeInSeconds() {
    return this.timeout;
  }
  getUserData(key) {
    return Object.hasOwn(this.userData, key) ? this.userData[key] : undefined;
  }
  getFunctionName() {
    return this.functionName;
  }
  getVersion() {
    return this.functionVersion;
  }
  getPackage() {
    return this.package;
  }
  getProjectID() {
    return this.projectID;
  }
  getMemorySize() {
    return this.memory;
  }
  getCPUNumber() {
    return this.cpu;
  }
  getAlias() {
    return this.alias;
  }
  getLogger() {
    return this.logger;
  }
  getSecurityAccessKey() {
    return this.securityAccessKey;
  }
  getSecuritySecretKey() {
    return this.securitySecretKey;
  }
  getSecurityToken() {
    return this.securityToken;
  }
  getToken() {
    return this.authToken;
  }
  /** Deprecated, always empty. */
  getAccessKey() {
    return this.accessKey;
  }
  /** Deprecated, always empty. */
  getSecretKey() {
    return this.secretKey;
  }
  getWorkflowID() {
    return this.workflowID;
  }
  getWorkflowRunID() {
    return this.workflowRunID;
  }
  getWorkflowStateID() {
    return this.workflowStateID;
  }
}

exports.createContext = (request, env = process.env) => new Context(request, env);
