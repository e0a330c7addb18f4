import { afterEach, describe, expect, it } from "vitest";
import { type Emulator, type EmulatorOptions, startEmulator } from "../emulator.ts";
import { call, send } from "./call.ts";
import { meshBody } from "./mesh-body.ts";

const START = Date.parse("2025-04-10T07:48:37.701Z");
const MINUTE = 60_000;

describe("IAM tokens", () => {
  let time = START;
  const open: Emulator[] = [];
  afterEach(async () => {
    time = START;
    await Promise.all(open.splice(0).map((emulator) => emulator.close()));
  });

  it("gives a token for name and password, with the project's id", async () => {
    const emulator = await start();
    const { status, headers, body } = await logIn(emulator);
    const domain = { id: expect.any(String), name: "example-domain" };
    expect(status).toBe(201);
    expect(headers.get("x-subject-token")).toMatch(/^MIID.{1000,}/);
    expect(body).toEqual({
      token: {
        catalog: [expect.objectContaining({ type: "iam" })],
        expires_at: "2025-04-11T07:48:37.701000Z",
        issued_at: "2025-04-10T07:48:37.701000Z",
        methods: ["password"],
        project: { domain, id: emulator.defaults.projectId, name: "cn-north-4" },
        roles: [{ id: "0", name: "te_admin" }],
        user: { domain, id: expect.any(String), name: "example-user", password_expires_at: "" },
      },
    });
  });

  it("leaves the catalog out with nocatalog", async () => {
    const { body } = await logIn(await start(), {}, "?nocatalog=true");
    expect(body.token.catalog).toEqual([]);
  });

  it("scopes a token to the account on request, which ASM does not take", async () => {
    const emulator = await start();
    const answer = await logIn(emulator, { scope: { domain: { name: "example-domain" } } });
    expect(answer.body.token.project).toBeUndefined();
    expect(answer.body.token.domain.name).toBe("example-domain");
    const list = await withToken(emulator, answer.headers.get("x-subject-token") as string);
    expect([list.status, list.body.errorCode]).toEqual([403, "ASM.01403001"]);
  });

  it("lets a token do what a signature can", async () => {
    const emulator = await start();
    const token = await tokenOf(emulator);
    const created = await send(emulator, "POST", path(emulator), {
      headers: { "x-auth-token": token, "content-type": "application/json" },
      body: JSON.stringify(meshBody("mesh-a")),
    });
    expect(created.status).toBe(201);
    expect((await withToken(emulator, token)).body.items).toHaveLength(1);
    expect(emulator.requests().map(({ principal }) => principal)).toEqual([
      undefined,
      "example-user",
      "example-user",
    ]);
  });

  it("keeps an older token valid when a new one is given", async () => {
    const emulator = await start();
    const [first, second] = [await tokenOf(emulator), await tokenOf(emulator)];
    expect(first).not.toBe(second);
    expect((await withToken(emulator, first)).status).toBe(200);
    expect((await withToken(emulator, second)).status).toBe(200);
  });

  it("says that a token must be updated once its 24 hours are over", async () => {
    const emulator = await start();
    const token = await tokenOf(emulator);
    time += 24 * 60 * MINUTE - 1;
    expect((await withToken(emulator, token)).status).toBe(200);
    time += 1;
    const { status, body } = await withToken(emulator, token);
    expect([status, body.error_code, body.error_msg]).toEqual([
      401,
      "APIGW.0307",
      "The token must be updated",
    ]);
  });

  it("says the same of tokens that were made to expire", async () => {
    const emulator = await start();
    const token = await tokenOf(emulator);
    emulator.expireTokens();
    expect((await withToken(emulator, token)).body.error_code).toBe("APIGW.0307");
    expect((await withToken(emulator, await tokenOf(emulator))).status).toBe(200);
  });

  it("says the same of a token for another region", async () => {
    const other = { id: "00000000000000000000000000000ea5", name: "cn-east-3", region: "cn-east-3" };
    const emulator = await start({ otherProjects: [other] });
    const answer = await logIn(emulator, { scope: { project: { name: "cn-east-3" } } });
    expect(answer.body.token.project.id).toBe(other.id);
    const { status, body } = await withToken(emulator, answer.headers.get("x-subject-token") as string);
    expect([status, body.error_code]).toEqual([401, "APIGW.0307"]);
  });

  it("keeps a token out of another project of the region", async () => {
    const emulator = await start({ otherProjects: [{ id: "00000000000000000000000000000b0b" }] });
    const token = await tokenOf(emulator);
    const { status } = await send(emulator, "GET", "/v1/00000000000000000000000000000b0b/meshes", {
      headers: { "x-auth-token": token },
    });
    expect(status).toBe(403);
  });

  it("cannot read a token that it never gave", async () => {
    const { status, body } = await withToken(await start(), "MIIDsomething");
    expect([status, body.error_code, body.error_msg]).toEqual([
      401,
      "APIGW.0301",
      "Incorrect IAM authentication information: decrypt token fail",
    ]);
  });

  it("refuses a wrong password, name or account in IAM's own error shape", async () => {
    const emulator = await start();
    for (const wrong of [{ password: "x" }, { name: "x" }, { domain: "x" }]) {
      const { status, body } = await logIn(emulator, wrong);
      expect([status, body]).toEqual([
        401,
        { error: { code: 401, message: "The username or password is wrong.", title: "Unauthorized" } },
      ]);
    }
  });

  it("locks a user for 15 minutes after 5 wrong passwords, the right one included", async () => {
    const emulator = await start();
    for (let i = 0; i < 5; i++) await logIn(emulator, { password: "wrong" });
    const locked = await logIn(emulator);
    expect([locked.status, locked.body.error.message]).toEqual([401, "The account is locked."]);
    time += 15 * MINUTE;
    expect((await logIn(emulator)).status).toBe(201);
  });

  it("does not find a project that is not there", async () => {
    const { status, body } = await logIn(await start(), { scope: { project: { name: "nowhere-1" } } });
    expect([status, body.error.code]).toEqual([404, 404]);
  });

  it("refuses a body that is not a token request", async () => {
    const emulator = await start();
    const json = { "content-type": "application/json" };
    const bodies = [
      "",
      "{",
      "[]",
      "{}",
      JSON.stringify({ auth: { identity: {} } }),
      JSON.stringify(request({}, true)),
    ];
    for (const body of bodies) {
      const answer = await send(emulator, "POST", "/v3/auth/tokens", { body, headers: json });
      expect([body, answer.status, answer.body]).toEqual([
        body,
        400,
        { error: { code: 400, message: "The request body is invalid", title: "Bad Request" } },
      ]);
    }
  });

  async function start(options: EmulatorOptions = {}): Promise<Emulator> {
    const emulator = await startEmulator({ now: () => time, ...options });
    open.push(emulator);
    return emulator;
  }

  function path(emulator: Emulator): string {
    return `/v1/${emulator.defaults.projectId}/meshes`;
  }

  interface LogIn {
    name?: string;
    password?: string;
    domain?: string;
    scope?: object;
  }

  function request({ name, password, domain, scope }: LogIn, withoutScope = false) {
    const user = {
      name: name ?? "example-user",
      password: password ?? "Example-Password-0",
      domain: { name: domain ?? "example-domain" },
    };
    return {
      auth: {
        identity: { methods: ["password"], password: { user } },
        ...(withoutScope ? {} : { scope: scope ?? { project: { name: "cn-north-4" } } }),
      },
    };
  }

  function logIn(emulator: Emulator, given: LogIn = {}, query = "") {
    return send(emulator, "POST", `/v3/auth/tokens${query}`, {
      headers: { "content-type": "application/json;charset=utf8" },
      body: JSON.stringify(request(given)),
    });
  }

  async function tokenOf(emulator: Emulator): Promise<string> {
    return (await logIn(emulator)).headers.get("x-subject-token") as string;
  }

  function withToken(emulator: Emulator, token: string) {
    return send(emulator, "GET", path(emulator), { headers: { "x-auth-token": token } });
  }
});

it("a signature is used when a request carries both a signature and a token", async () => {
  const emulator = await startEmulator();
  try {
    const { status } = await call(emulator, "GET", `/v1/${emulator.defaults.projectId}/meshes`, {
      headers: { "X-Auth-Token": "nonsense" },
    });
    expect(status).toBe(200);
  } finally {
    await emulator.close();
  }
});
