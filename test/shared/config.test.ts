import { describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "../../shared/config.ts";

const keys = { HUAWEICLOUD_SDK_AK: "AK", HUAWEICLOUD_SDK_SK: "SK-secret" };

describe("the configuration", () => {
  it("has defaults for everything that is not set", () => {
    expect(readConfig({ XDG_STATE_HOME: "/state" })).toEqual({
      endpoints: {},
      asmDialect: "v1",
      signature: "standard",
      readsPerSecond: 20,
      writesPerMinute: 10,
      attemptTimeoutMs: 30_000,
      poll: { intervalMs: 10_000, maxIntervalMs: 30_000 },
      deadlineMs: 1_800_000,
      journal: "/state/meshflow/journal.db",
      notify: {},
    });
  });

  it("takes the names of the SDK and of the Terraform provider, the SDK's first", () => {
    expect(
      readConfig({ HW_ACCESS_KEY: "a", HW_SECRET_KEY: "b", HW_PROJECT_ID: "p", HW_REGION_NAME: "r" }),
    ).toMatchObject({ accessKey: "a", secretKey: "b", projectId: "p", region: "r" });
    expect(readConfig({ HW_ACCESS_KEY: "a", HW_SECRET_KEY: "b", ...keys })).toMatchObject({
      accessKey: "AK",
      secretKey: "SK-secret",
    });
  });

  it("never puts the security token of one access key to another", () => {
    const own = { HW_ACCESS_KEY: "a", HW_SECRET_KEY: "b", HW_SECURITY_TOKEN: "t" };
    expect(readConfig(own)).toMatchObject({ accessKey: "a", securityToken: "t" });
    expect(readConfig({ ...own, ...keys })).not.toHaveProperty("securityToken");
  });

  it.each(["SK-secret\n", "SK secret", '"SK-secret"'])(
    "refuses the secret key %j without showing it",
    (sk) => {
      const read = () => readConfig({ ...keys, HUAWEICLOUD_SDK_SK: sk });
      expect(read).toThrow(
        "HUAWEICLOUD_SDK_SK: must be one word: no blanks, line breaks or quotes around it",
      );
      expect(read).not.toThrow('secret"');
    },
  );

  it("treats an empty variable as one that is not set", () => {
    expect(readConfig({ HW_REGION_NAME: "", MESHFLOW_LOG_LEVEL: "" })).not.toHaveProperty("region");
  });

  it("keeps the longest poll interval at least as long as the first", () => {
    expect(readConfig({ MESHFLOW_POLL_SECONDS: "60" }).poll).toEqual({
      intervalMs: 60_000,
      maxIntervalMs: 60_000,
    });
  });

  it("names every faulty variable and its rule at once, and no value", () => {
    const read = () =>
      readConfig({
        HUAWEICLOUD_SDK_SK: "do-not-print-me",
        MESHFLOW_ASM_DIALECT: "v9",
        MESHFLOW_POLL_SECONDS: "soon",
        MESHFLOW_WEBHOOK_SECRET: "do-not-print-me-either",
      });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(
      `The environment is not usable:
  MESHFLOW_ASM_DIALECT: must be v1 or legacy
  MESHFLOW_POLL_SECONDS: must be a number of seconds
  MESHFLOW_WEBHOOK_SECRET: must be whsec_ followed by base64 (Standard Webhooks)
  HUAWEICLOUD_SDK_AK: must be set too, since HUAWEICLOUD_SDK_SK is`,
    );
    expect(read).not.toThrow(/do-not-print/);
  });

  it.each([
    [{ HW_USER_NAME: "u" }, "HW_USER_NAME, HW_USER_PASSWORD, HW_DOMAIN_NAME: must be set together"],
    [
      { MESHFLOW_WEBHOOK_URL: "https://example.com/hook" },
      "MESHFLOW_WEBHOOK_SECRET: must be set with MESHFLOW_WEBHOOK_URL (whsec_ and base64)",
    ],
    [{ HUAWEICLOUD_SDK_AK: "AK" }, "HUAWEICLOUD_SDK_SK: must be set too, since HUAWEICLOUD_SDK_AK is"],
    [{ HW_SECRET_KEY: "SK" }, "HW_ACCESS_KEY: must be set too, since HW_SECRET_KEY is"],
    [
      { HUAWEICLOUD_SDK_AK: "AK", HW_SECRET_KEY: "SK" },
      "HUAWEICLOUD_SDK_SK: must be set too, since HUAWEICLOUD_SDK_AK is",
    ],
  ])("says what goes together: %j", (environment, message) => {
    expect(() => readConfig(environment)).toThrow(message);
  });
});
