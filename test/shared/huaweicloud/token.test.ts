import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApiClient } from "../../../shared/huaweicloud/api-client.ts";
import { credentialsFromConfig } from "../../../shared/huaweicloud/credentials.ts";
import { CredentialsError } from "../../../shared/huaweicloud/errors.ts";
import { type ScriptedServer, type Step, startScriptedServer, virtualTime } from "./scripted-server.ts";

let iam: ScriptedServer;
beforeAll(async () => {
  iam = await startScriptedServer();
});
afterAll(() => iam.close());

const hour = 3_600_000;
let issued = 0;

/** A token of `lifetimeMs`, issued by a clock that is 7 minutes ahead of ours. */
function token(time: { ms: number }, lifetimeMs = 24 * hour): Step {
  return () => {
    issued += 1;
    const at = time.ms + 7 * 60_000;
    return {
      status: 201,
      headers: { "X-Subject-Token": `MIIDtoken${issued}` },
      body: {
        token: {
          catalog: [],
          methods: ["password"],
          roles: [],
          user: { id: "u", name: "IAMUser" },
          issued_at: new Date(at).toISOString().replace("Z", "000Z"),
          expires_at: new Date(at + lifetimeMs).toISOString().replace("Z", "000Z"),
          project: {
            id: "aa2d97d7e62c4b7da3ffdfc11551f878",
            name: "cn-north-4",
            domain: { id: "d", name: "D" },
          },
        },
      },
    };
  };
}

function provider(time = virtualTime(), config: { projectId?: string; projectName?: string } = {}) {
  issued = 0;
  const { projectId, projectName } = config;
  return credentialsFromConfig(
    {
      iam: {
        userName: "IAMUser",
        password: "Passw0rd!secret",
        domainName: "IAMDomain",
        ...(projectName ? { projectName } : {}),
      },
      region: "cn-north-4",
      endpoints: { iam: iam.url },
      ...(projectId ? { projectId } : {}),
    },
    { now: time.now, sleep: time.sleep },
  );
}

describe("the token provider", () => {
  it("asks for a token of the project without a catalog, and takes the project id from the answer", async () => {
    const time = virtualTime();
    iam.script(token(time));
    expect(await provider(time).get()).toEqual({
      kind: "token",
      token: "MIIDtoken1",
      projectId: "aa2d97d7e62c4b7da3ffdfc11551f878",
    });
    const { method, target, body, rawHeaders } = iam.requests[0]!;
    expect([method, target]).toEqual(["POST", "/v3/auth/tokens?nocatalog=true"]);
    expect(JSON.parse(body.toString())).toEqual({
      auth: {
        identity: {
          methods: ["password"],
          password: { user: { name: "IAMUser", password: "Passw0rd!secret", domain: { name: "IAMDomain" } } },
        },
        scope: { project: { name: "cn-north-4" } },
      },
    });
    expect(rawHeaders.map((text) => text.toLowerCase())).not.toContain("authorization");
  });

  it.each([
    [{ projectId: "p1" }, { id: "p1" }],
    [{ projectName: "cn-north-4_sub" }, { name: "cn-north-4_sub" }],
  ])("scopes the token with %j", async (config, project) => {
    const time = virtualTime();
    iam.script(token(time));
    await provider(time, config).get();
    expect(JSON.parse(iam.requests[0]!.body.toString()).auth.scope).toEqual({ project });
  });

  it("keeps a token until 60 minutes before its end", async () => {
    const time = virtualTime();
    iam.script(token(time));
    const credentials = provider(time);
    await credentials.get();
    time.ms += 23 * hour - 1;
    expect(await credentials.get()).toMatchObject({ token: "MIIDtoken1" });
    time.ms += 1;
    expect(await credentials.get()).toMatchObject({ token: "MIIDtoken2" });
  });

  it("renews a token of one hour after four fifths of it", async () => {
    const time = virtualTime();
    iam.script(token(time, hour));
    const credentials = provider(time);
    await credentials.get();
    time.ms += 0.8 * hour - 1;
    expect(await credentials.get()).toMatchObject({ token: "MIIDtoken1" });
    time.ms += 1;
    expect(await credentials.get()).toMatchObject({ token: "MIIDtoken2" });
  });

  it("goes on with a token that still holds when an early renewal fails", async () => {
    const time = virtualTime();
    iam.script(token(time), { status: 400, body: {} });
    const credentials = provider(time);
    await credentials.get();
    time.ms += 23.5 * hour;
    expect(await credentials.get()).toMatchObject({ token: "MIIDtoken1" });
    time.ms += hour;
    await expect(credentials.get()).rejects.toMatchObject({ status: 400 });
  });

  it("lets a minute pass after an early renewal that failed", async () => {
    const time = virtualTime();
    iam.script(token(time), { status: 400, body: {} });
    const credentials = provider(time);
    await credentials.get();
    time.ms += 23.5 * hour;
    for (let i = 0; i < 10; i++) await credentials.get();
    expect(iam.requests).toHaveLength(2);
    time.ms += 60_000;
    await credentials.get();
    expect(iam.requests).toHaveLength(3);
  });

  it("goes on with a token that still holds when the password is refused, and asks no more", async () => {
    const time = virtualTime();
    iam.script(token(time), { status: 401, body: { error: { code: 401, message: "wrong" } } });
    const credentials = provider(time);
    await credentials.get();
    time.ms += 23.5 * hour;
    expect(await credentials.get()).toMatchObject({ token: "MIIDtoken1" });
    time.ms += 0.4 * hour;
    expect(await credentials.get()).toMatchObject({ token: "MIIDtoken1" });
    time.ms += hour;
    await expect(credentials.get()).rejects.toThrow("IAM refused the user");
    expect(iam.requests).toHaveLength(2);
  });

  it("fetches one token for all who ask at once", async () => {
    const time = virtualTime();
    iam.script(token(time));
    const credentials = provider(time);
    const all = await Promise.all(Array.from({ length: 20 }, () => credentials.get()));
    expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(iam.requests).toHaveLength(1);
  });

  it("lets one caller abort without taking the token from the others", async () => {
    const time = virtualTime();
    iam.script(token(time));
    const credentials = provider(time);
    const abort = new AbortController();
    const first = credentials.get({ signal: abort.signal });
    const second = credentials.get();
    abort.abort(new Error("gone"));
    await expect(first).rejects.toThrow("gone");
    expect(await second).toMatchObject({ token: "MIIDtoken1" });
  });

  it("fetches a new token when asked to", async () => {
    const time = virtualTime();
    iam.script(token(time));
    const credentials = provider(time);
    await credentials.get();
    expect(await credentials.get({ refresh: true })).toMatchObject({ token: "MIIDtoken2" });
  });

  it("tries a wrong password once, and never again", async () => {
    iam.script({
      status: 401,
      body: { error: { code: 401, message: "The username or password is wrong.", title: "Unauthorized" } },
    });
    const credentials = provider();
    const errors: unknown[] = [];
    for (const refresh of [false, true, false]) {
      errors.push(await credentials.get({ refresh }).catch((error: unknown) => error));
    }
    expect(iam.requests).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(CredentialsError);
    expect(errors[1]).toBe(errors[0]);
    expect(errors[2]).toBe(errors[0]);
    const { message } = errors[0] as Error;
    expect(message).toContain("The username or password is wrong.");
    expect(message).toContain("HW_USER_PASSWORD");
    expect(message).not.toContain("Passw0rd!secret");
  });

  it("tries again when IAM is not available", async () => {
    const time = virtualTime();
    iam.script({ status: 503 }, "reset", token(time));
    expect(await provider(time).get()).toMatchObject({ token: "MIIDtoken1" });
    expect(iam.requests).toHaveLength(3);
    expect(time.waits).toHaveLength(2);
  });

  it("says so when IAM's answer has no token", async () => {
    const time = virtualTime();
    const good = token(time);
    iam.script((request) => ({
      ...(good as (r: typeof request) => { status: number; body?: unknown })(request),
      headers: {},
    }));
    await expect(provider(time).get()).rejects.toThrow("X-Subject-Token");
  });
});

describe("a client with a token", () => {
  const call = (api: ReturnType<typeof createApiClient>, url: string) =>
    api.request({
      operation: "ListMeshes",
      service: "asm",
      kind: "read",
      endpoint: url,
      method: "GET",
      path: ["v1", "p", "meshes"],
      success: [200],
    });

  it.each([
    ["APIGW.0301", "Incorrect IAM authentication information: decrypt token fail"],
    ["APIGW.0307", "The token must be updated"],
    ["ASM.01401001", "Authorization failed."],
  ])("renews it once after a 401 %s, at once", async (code, message) => {
    const time = virtualTime();
    const asm = await startScriptedServer();
    iam.script(token(time));
    asm.script({ status: 401, body: { error_code: code, error_msg: message } }, { status: 200, body: {} });
    const api = createApiClient({ credentials: provider(time), now: time.now, sleep: time.sleep });
    expect(await call(api, asm.url)).toMatchObject({ attempts: 2 });
    expect(asm.requests.map(tokenOf)).toEqual(["MIIDtoken1", "MIIDtoken2"]);
    expect(time.waits).toEqual([]);
    await asm.close();
  });

  it("gives up at the second 401", async () => {
    const time = virtualTime();
    const asm = await startScriptedServer();
    iam.script(token(time));
    asm.script({ status: 401, body: { error_code: "APIGW.0301", error_msg: "decrypt token fail" } });
    const api = createApiClient({ credentials: provider(time), now: time.now, sleep: time.sleep });
    await expect(call(api, asm.url)).rejects.toMatchObject({
      status: 401,
      retryable: false,
      ambiguous: false,
    });
    expect(asm.requests).toHaveLength(2);
    await asm.close();
  });

  it("renews it once for all calls that were refused together", async () => {
    const time = virtualTime();
    const asm = await startScriptedServer();
    iam.script(token(time));
    asm.script((request) =>
      tokenOf(request) === "MIIDtoken1"
        ? { status: 401, body: { error_code: "APIGW.0307", error_msg: "The token must be updated" } }
        : { status: 200, body: {} },
    );
    const api = createApiClient({ credentials: provider(time), now: time.now, sleep: time.sleep });
    await Promise.all(Array.from({ length: 10 }, () => call(api, asm.url)));
    expect(iam.requests).toHaveLength(2);
    await asm.close();
  });
});

function tokenOf({ rawHeaders }: { rawHeaders: string[] }): string | undefined {
  return rawHeaders[rawHeaders.findIndex((text) => text.toLowerCase() === "x-auth-token") + 1];
}
