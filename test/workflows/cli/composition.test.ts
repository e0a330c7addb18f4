import { describe, expect, it } from "vitest";
import { readConfig } from "../../../shared/config.ts";
import { parseMeshRequest } from "../../../shared/request/mesh-request.ts";
import { compose } from "../../../workflows/cli/composition.ts";

const env = {
  HW_REGION_NAME: "cn-north-4",
  HUAWEICLOUD_SDK_AK: "EXAMPLEACCESSKEY0000",
  HUAWEICLOUD_SDK_SK: "example-secret-key-that-is-not-real-0000",
  HUAWEICLOUD_SDK_PROJECT_ID: "0000000000000000000000000000e4a1",
};

const request = parseMeshRequest({ action: "delete", mesh: { name: "prod-mesh", uid: "uid-1" } });

describe("compose", () => {
  it("names the destinations that are set", async () => {
    const { destinations, target } = await compose(
      readConfig({
        ...env,
        MESHFLOW_SMN_TOPIC_URN: "urn:smn:cn-north-4:PROJECT:ops",
        MESHFLOW_WEBHOOK_URL: "https://hooks.example.com/path",
        MESHFLOW_WEBHOOK_SECRET: "whsec_c2VjcmV0",
      }),
    );
    expect(destinations).toEqual(["smn:ops", "webhook:hooks.example.com"]);
    expect(target).toEqual({ projectId: env.HUAWEICLOUD_SDK_PROJECT_ID, region: "cn-north-4" });
  });

  it("refuses before any call when something is missing", async () => {
    const fetch = () => Promise.reject(new Error("no call was to be made"));
    await expect(compose(readConfig({}), { fetch })).rejects.toThrow(
      "3 settings are missing; nothing was sent.",
    );
  });

  it("rejects a function that our own signal cuts short, so that no try is used up", async () => {
    const stop = new AbortController();
    const { invoke } = await compose(readConfig(env), {
      fetch: (_, init) =>
        new Promise((__, reject) => {
          init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
          setTimeout(() => stop.abort(new Error("closing")), 10);
        }),
    });
    const context = {
      signal: stop.signal,
      executionId: "e".repeat(32),
      stateId: "poll-status",
      attempt: 1,
      action: 0,
    };
    const input = { request, mesh: { name: "prod-mesh", uid: "uid-1" } };
    await expect(invoke("poll-status", input, context)).rejects.toThrow("closing");
  });

  it("answers 400 for a function that it does not have", async () => {
    const { invoke } = await compose(readConfig(env));
    const context = {
      signal: new AbortController().signal,
      executionId: "e".repeat(32),
      stateId: "x",
      attempt: 1,
      action: 0,
    };
    expect(await invoke("no-such-function", {}, context)).toEqual({
      statusCode: 400,
      error: { code: "UnknownFunction", message: "No function no-such-function here." },
    });
  });
});
