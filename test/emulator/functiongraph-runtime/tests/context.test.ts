import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { instanceOf, settings } from "./fixture.ts";

/** A handler that answers with what the methods of its context return. */
const ASK = `exports.handler = async (methods, context) =>
  Object.fromEntries(methods.map(([name, ...args]) => [name, context[name]?.(...args) ?? "(undefined)"]));`;
const agency = { accessKey: "AK-1", secretKey: "SK-1", securityToken: "ST-1", authToken: "T-1" };

describe("the context", () => {
  it("tells the function, its version and its size, numbers as strings", async () => {
    const instance = await instanceOf(ASK, { cpuMillicores: 300 });
    const methods = ["FunctionName", "Version", "Package", "ProjectID", "MemorySize", "CPUNumber", "Alias"];
    const { body } = await instance.invoke(methods.map((name) => [`get${name}`]));
    expect(JSON.parse(body)).toEqual({
      getFunctionName: "demo",
      getVersion: "latest",
      getPackage: "default",
      getProjectID: "0000000000000000000000000000e4a1",
      getMemorySize: "128",
      getCPUNumber: "300",
      getAlias: "",
    });
  });

  it("tells the request: its id, its alias, and the flow that sent it", async () => {
    const instance = await instanceOf(ASK, { version: "v3", package: "meshes" });
    const { body, requestId } = await instance.invoke(
      ["RequestID", "Alias", "Version", "Package", "WorkflowID", "WorkflowRunID", "WorkflowStateID"].map(
        (name) => [`get${name}`],
      ),
      { requestId: "r1", alias: "live", workflow: { id: "w", runId: "w-run", stateId: "w-state" } },
    );
    expect(requestId).toBe("r1");
    expect(JSON.parse(body)).toEqual({
      getRequestID: "r1",
      getAlias: "live",
      getVersion: "v3",
      getPackage: "meshes",
      getWorkflowID: "w",
      getWorkflowRunID: "w-run",
      getWorkflowStateID: "w-state",
    });
  });

  it("counts the time left from its creation on, in milliseconds", async () => {
    const instance = await instanceOf(
      `exports.handler = async (event, context) => {
        const before = context.getRemainingTimeInMilliSeconds();
        await new Promise((resolve) => setTimeout(resolve, 100));
        return [before, context.getRemainingTimeInMilliSeconds()];
      };`,
    );
    const [before, after] = JSON.parse((await instance.invoke({})).body);
    expect(before).toBeLessThanOrEqual(10_000);
    expect(before).toBeGreaterThan(5_000);
    expect(before - after).toBeGreaterThanOrEqual(99);
  });

  it("gives the function's timeout in milliseconds where it says seconds", async () => {
    const instance = await instanceOf(ASK, { timeoutSeconds: 5 });
    const { body } = await instance.invoke([["getRunningTimeInSeconds"]]);
    expect(JSON.parse(body)).toEqual({ getRunningTimeInSeconds: 5000 });
  });

  it("has a timeout of 3 s where the platform names none", () => {
    const { createContext } = createRequire(import.meta.url)("../context.cjs");
    expect(createContext({ requestId: "r1" }, {}).getRunningTimeInSeconds()).toBe(3000);
  });

  it("gives user variables, and undefined for what is none", async () => {
    const instance = await instanceOf(ASK, { userData: { REGION: "cn-north-4" } });
    for (const [key, value] of [
      ["REGION", "cn-north-4"],
      ["OTHER", "(undefined)"],
      ["toString", "(undefined)"],
    ]) {
      expect(JSON.parse((await instance.invoke([["getUserData", key]])).body)).toEqual({
        getUserData: value,
      });
    }
  });

  it("gives each invocation the agency's credentials of its own time, and never the deprecated pair", async () => {
    const instance = await instanceOf(ASK, {}, agency);
    const names = ["SecurityAccessKey", "SecuritySecretKey", "SecurityToken", "Token", "AccessKey"];
    const methods = [...names, "SecretKey"].map((name) => [`get${name}`]);
    const first = await instance.invoke(methods);
    expect(JSON.parse(first.body)).toEqual({
      getSecurityAccessKey: "AK-1",
      getSecuritySecretKey: "SK-1",
      getSecurityToken: "ST-1",
      getToken: "T-1",
      getAccessKey: "",
      getSecretKey: "",
    });
    const renewed = { accessKey: "AK-2", secretKey: "SK-2", securityToken: "ST-2", authToken: "T-2" };
    const second = await instance.invoke(methods, { credentials: renewed });
    expect(JSON.parse(second.body)).toMatchObject({ getSecurityAccessKey: "AK-2", getToken: "T-2" });
  });

  it("has empty credentials without an agency", async () => {
    const instance = await instanceOf(ASK);
    const methods = ["SecurityAccessKey", "SecuritySecretKey", "SecurityToken", "Token"];
    const { body } = await instance.invoke(methods.map((name) => [`get${name}`]));
    expect(JSON.parse(body)).toEqual({
      getSecurityAccessKey: "",
      getSecuritySecretKey: "",
      getSecurityToken: "",
      getToken: "",
    });
  });

  it("is given to the initializer, credentials included", async () => {
    const instance = await instanceOf(
      `let seen;
      exports.init = (context, callback) => {
        seen = [context.getSecurityAccessKey(), context.getRequestID()];
        callback(null, "");
      };
      exports.handler = async (event, context) => seen;`,
      { initializer: "index.init" },
      agency,
    );
    expect((await instance.invoke({}, { requestId: "r1" })).body).toBe('["AK-1","r1"]');
  });

  it("has none of the names that other clouds use", async () => {
    const instance = await instanceOf(
      `exports.handler = async (event, context) =>
        ["awsRequestId", "getRemainingTimeInMillis", "callbackWaitsForEmptyEventLoop"].filter((name) => name in context);`,
    );
    expect((await instance.invoke({})).body).toBe("[]");
  });

  it("shows its secrets to whoever prints it whole", async () => {
    const code = "exports.handler = async (event, context) => JSON.stringify(context);";
    const { body } = await (await instanceOf(code, {}, agency)).invoke({});
    expect(JSON.parse(body)).toMatchObject({ securitySecretKey: "SK-1", projectID: settings.projectId });
  });
});

describe("the environment", () => {
  it("is the platform's own variables and nothing else; user variables are in RUNTIME_USERDATA only", async () => {
    const instance = await instanceOf(
      "exports.init = async (context, callback) => {}; exports.handler = async (event, context) => process.env;",
      { initializer: "index.init", initializerTimeoutSeconds: 4, userData: { REGION: "cn-north-4" } },
    );
    const env = JSON.parse((await instance.invoke({})).body);
    delete env.__CF_USER_TEXT_ENCODING; // macOS gives this to every process
    expect(env).toEqual({
      RUNTIME_PROJECT_ID: "0000000000000000000000000000e4a1",
      RUNTIME_FUNC_NAME: "demo",
      RUNTIME_FUNC_VERSION: "latest",
      RUNTIME_PACKAGE: "default",
      RUNTIME_HANDLER: "index.handler",
      RUNTIME_TIMEOUT: "10",
      RUNTIME_USERDATA: '{"REGION":"cn-north-4"}',
      RUNTIME_CPU: "300",
      RUNTIME_MEMORY: "128",
      RUNTIME_MAX_RESP_BODY_SIZE: "6291456",
      RUNTIME_ROOT: "/home/snuser/runtime",
      RUNTIME_CODE_ROOT: expect.stringMatching(/[\\/]code$/),
      RUNTIME_LOG_DIR: "/home/snuser/log",
      RUNTIME_INITIALIZER_HANDLER: "index.init",
      RUNTIME_INITIALIZER_TIMEOUT: "4",
    });
  });

  it("has the parent of the code root as its working directory", async () => {
    const instance = await instanceOf({
      "index.js": `const { readFileSync } = require("node:fs");
        exports.handler = async (event, context) => [
          process.cwd() === require("node:path").dirname(process.env.RUNTIME_CODE_ROOT),
          readFileSync("code/greeting.txt", "utf8"),
        ];`,
      "greeting.txt": "hello",
    });
    expect((await instance.invoke({})).body).toBe('[true,"hello"]');
  });

  it("takes 4,096 characters of user variables, and names of letters, digits and underscores", async () => {
    const handler = "exports.handler = async (event, context) => context.getUserData('KEY').length;";
    const instance = await instanceOf(handler, { userData: { KEY: "v".repeat(4093) } });
    expect((await instance.invoke({})).body).toBe("4093");
    await expect(instanceOf(handler, { userData: { KEY: "v".repeat(4094) } })).rejects.toThrow(
      "user variables have 4097 characters together, 4096 are allowed",
    );
    await expect(instanceOf(handler, { userData: { "1KEY": "v" } })).rejects.toThrow("user variable 1KEY");
  });
});
