import { describe, expect, it } from "vitest";
import { credentialsFromConfig } from "../../../shared/huaweicloud/credentials.ts";
import { CredentialsError } from "../../../shared/huaweicloud/errors.ts";

const iam = { userName: "u", password: "p", domainName: "d" };

describe("credentialsFromConfig", () => {
  it("takes the access key before a password", async () => {
    const provider = credentialsFromConfig({ accessKey: "AK", secretKey: "SK", iam, endpoints: {} });
    expect(await provider.get()).toEqual({ kind: "access-key", accessKey: "AK", secretKey: "SK" });
  });

  it("takes the security token and project id along", async () => {
    const provider = credentialsFromConfig({
      accessKey: "AK",
      secretKey: "SK",
      securityToken: "ST",
      projectId: "P",
      endpoints: {},
    });
    expect(await provider.get()).toEqual({
      kind: "access-key",
      accessKey: "AK",
      secretKey: "SK",
      securityToken: "ST",
      projectId: "P",
    });
  });

  it("says everything that can be set when nothing is", () => {
    const attempt = () => credentialsFromConfig({ endpoints: {} });
    expect(attempt).toThrow(CredentialsError);
    for (const name of [
      "HUAWEICLOUD_SDK_AK",
      "HUAWEICLOUD_SDK_SK",
      "HW_USER_NAME",
      "HW_USER_PASSWORD",
      "HW_DOMAIN_NAME",
    ]) {
      expect(attempt).toThrow(name);
    }
  });

  it("wants a project for a password", () => {
    expect(() => credentialsFromConfig({ iam, endpoints: {} })).toThrow("HW_PROJECT_NAME");
  });
});
