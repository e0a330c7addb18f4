import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type Emulator, type EmulatorOptions, startEmulator } from "../emulator.ts";
import { call, send } from "./call.ts";
import { meshBody } from "./mesh-body.ts";

const START = Date.parse("2025-04-10T07:48:37Z");
const MINUTE = 60_000;

describe("the gateway", () => {
  let time = START;
  const open: Emulator[] = [];
  afterEach(async () => {
    time = START;
    await Promise.all(open.splice(0).map((emulator) => emulator.close()));
  });

  it("answers a request without credentials in its own error shape", async () => {
    const emulator = await start();
    const { status, headers, body } = await send(emulator, "GET", path(emulator));
    const requestId = headers.get("x-request-id");
    expect(requestId).toMatch(/^[0-9a-f]{32}$/);
    expect([status, body]).toEqual([
      401,
      {
        error_msg: "Incorrect IAM authentication information: x-auth-token not found",
        error_code: "APIGW.0301",
        request_id: requestId,
      },
    ]);
  });

  it("does not know another path or another method", async () => {
    const emulator = await start();
    const calls: [string, string][] = [
      ["GET", "/"],
      ["GET", "/v2/p/meshes"],
      ["PUT", path(emulator)],
      ["POST", path(emulator, "/some-uid")],
      ["DELETE", path(emulator)],
      ["GET", path(emulator, "/a/b")],
      ["GET", `/v1//meshes`],
      ["GET", "/v3/auth/tokens"],
    ];
    for (const [method, target] of calls) {
      const { status, body } = await call(emulator, method, target);
      expect([method, target, status, body.error_code]).toEqual([method, target, 404, "APIGW.0101"]);
    }
  });

  it("shows its canonical request when the signature differs", async () => {
    const emulator = await start();
    const { status, body } = await call(emulator, "GET", `${path(emulator)}?b=2&a=1`, { secretKey: "wrong" });
    const host = emulator.url.slice("http://".length);
    expect([status, body.error_code, body.error_msg]).toEqual([
      401,
      "APIGW.0301",
      `Incorrect IAM authentication information: verify aksk signature fail, canonicalRequest:GET|${path(emulator)}/|a=1&b=2|host:${host}|x-sdk-date:20250410T074837Z||host;x-sdk-date|e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855`,
    ]);
  });

  it("accepts 15 minutes of difference on both sides and not a second more", async () => {
    const emulator = await start();
    const status = async (date: string) => (await call(emulator, "GET", path(emulator), { date })).status;
    expect(await status("20250410T073337Z")).toBe(200);
    expect(await status("20250410T080337Z")).toBe(200);
    expect(await status("20250410T073336Z")).toBe(401);
    expect(await status("20250410T080338Z")).toBe(401);
  });

  it("says both times when a signature has expired", async () => {
    const emulator = await start();
    const { body } = await call(emulator, "GET", path(emulator), { date: "20250410T073336Z" });
    expect(body.error_msg).toBe(
      "Incorrect IAM authentication information: calc aksk signature fail:signature expired, signature time:20250410T073336Z,server time:20250410T074837Z",
    );
  });

  it("checks signatures against its own clock, also when that is wrong", async () => {
    const emulator = await start();
    emulator.clock.skew(20 * MINUTE);
    const refused = await call(emulator, "GET", path(emulator), { date: "20250410T074837Z" });
    expect(refused.body.error_msg).toContain("server time:20250410T080837Z");
    const accepted = await call(emulator, "GET", path(emulator), { date: "20250410T080837Z" });
    expect(accepted.status).toBe(200);
  });

  it("leaves signatures valid when time is advanced for phases", async () => {
    const emulator = await start();
    emulator.clock.advance(60 * MINUTE);
    expect((await call(emulator, "GET", path(emulator))).status).toBe(200);
  });

  it("refuses a date in another form", async () => {
    const emulator = await start();
    const { status, body } = await call(emulator, "GET", path(emulator), { date: "2025-04-10T07:48:37Z" });
    expect([status, body.error_code]).toEqual([401, "APIGW.0301"]);
    expect(body.error_msg).toContain("calc aksk signature fail");
  });

  it("names an access key that it does not know", async () => {
    const emulator = await start();
    const { status, body } = await call(emulator, "GET", path(emulator), { accessKey: "NOBODYSACCESSKEY" });
    expect([status, body.error_msg]).toEqual([
      401,
      "Incorrect IAM authentication information: ak NOBODYSACCESSKEY not exist",
    ]);
  });

  it("refuses a content hash that is not the body's", async () => {
    const emulator = await start();
    const wrong = await call(emulator, "GET", path(emulator), {
      headers: { "X-Sdk-Content-Sha256": "0".repeat(64) },
    });
    expect(wrong.status).toBe(401);
  });

  it("locks an access key for 5 minutes after more than 5 failures in a row", async () => {
    const emulator = await start();
    const wrong = async () =>
      (await call(emulator, "GET", path(emulator), { secretKey: "wrong" })).body.error_msg;
    const right = async () => (await call(emulator, "GET", path(emulator))).status;
    for (let i = 0; i < 5; i++) await wrong();
    expect(await right()).toBe(200);
    for (let i = 0; i < 6; i++) expect(await wrong()).toContain("verify aksk signature fail");
    expect(await wrong()).toBe(
      "Incorrect IAM authentication information: AK access failed to reach the limit,forbidden",
    );
    expect(await right()).toBe(401);
    time += 5 * MINUTE - 1;
    expect(await right()).toBe(401);
    time += 1;
    expect(await right()).toBe(200);
  });

  it("takes a temporary key only with its own security token", async () => {
    const accessKey = "EXAMPLETEMPORARYKEY0";
    const secretKey = "example-temporary-secret-not-real";
    const emulator = await start({
      temporaryKeys: { [accessKey]: { secretKey, securityToken: "example-security-token" } },
    });
    const attempt = (securityToken?: string) =>
      call(emulator, "GET", path(emulator), {
        accessKey,
        secretKey,
        ...(securityToken === undefined ? {} : { securityToken }),
      });
    expect((await attempt("example-security-token")).status).toBe(200);
    expect((await attempt()).body.error_msg).toContain(`ak ${accessKey} not exist`);
    expect((await attempt("another-token")).body.error_msg).toContain("decrypt token fail");
  });

  it("refuses a body over 12 MB", async () => {
    const emulator = await start();
    const body = "x".repeat(12 * 1024 * 1024 + 1);
    const answer = await call(emulator, "POST", path(emulator), { body });
    expect([answer.status, answer.body.error_code]).toEqual([413, "APIGW.0201"]);
  });

  it("refuses a target that cannot be decoded", async () => {
    const emulator = await start();
    const answer = await raw(
      emulator,
      `GET ${path(emulator)}/%ZZ HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization(emulator)}\r\nx-sdk-date: 20250410T074837Z\r\nconnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain("APIGW.0201");
  });

  it("keeps callers out of a project that is not theirs", async () => {
    const emulator = await start();
    const foreign = await call(emulator, "GET", "/v1/ffffffffffffffffffffffffffffffff/meshes");
    expect([foreign.status, foreign.body]).toEqual([
      403,
      { errorCode: "ASM.01403001", errorMsg: "Forbidden." },
    ]);
    const header = await call(emulator, "GET", path(emulator), { headers: { "X-Project-Id": "nobodys" } });
    expect([header.status, header.body.error_code]).toEqual([403, "APIGW.0310"]);
  });

  it("throttles writes, counts the rejected ones, and leaves reads alone", async () => {
    const emulator = await start({ throttling: { writes: { limit: 10 } } });
    const write = () => call(emulator, "DELETE", path(emulator, "/nothing"));
    for (let i = 0; i < 10; i++) expect((await write()).status).toBe(404);
    const rejected = await write();
    expect([rejected.status, rejected.body.error_code, rejected.body.error_msg]).toEqual([
      429,
      "APIGW.0308",
      "The throttling threshold has been reached: policy user over ratelimit,limit:10,time:1 minute",
    ]);
    expect(rejected.headers.get("retry-after")).toBeNull();
    expect((await call(emulator, "GET", path(emulator))).status).toBe(200);
    time += 59_999;
    for (let i = 0; i < 10; i++) expect((await write()).status).toBe(429);
    time += 59_999;
    expect((await write()).status).toBe(429);
    time += MINUTE;
    expect((await write()).status).toBe(404);
  });

  it("names a time to wait when it is told to", async () => {
    const emulator = await start({
      throttling: { reads: { limit: 1, windowMs: 1000 }, retryAfterSeconds: 7 },
    });
    await call(emulator, "GET", path(emulator));
    const { status, headers, body } = await call(emulator, "GET", path(emulator));
    expect([status, headers.get("retry-after")]).toEqual([429, "7"]);
    expect(body.error_msg).toContain("limit:1,time:1 second");
  });

  it("remembers what it was asked and what it answered", async () => {
    const emulator = await start();
    await call(emulator, "POST", path(emulator), { body: meshBody("mesh-a") });
    await call(emulator, "POST", path(emulator), { body: meshBody("mesh-a") });
    const [first, second] = emulator.requests();
    expect(first).toMatchObject({
      at: "2025-04-10T07:48:37.000Z",
      method: "POST",
      target: path(emulator),
      operation: "CreateMesh",
      principal: emulator.defaults.accessKey,
      carriedOut: 1,
      status: 201,
      body: JSON.stringify(meshBody("mesh-a")),
    });
    expect(first?.headers["x-sdk-date"]).toBe("20250410T074837Z");
    expect(second).toMatchObject({ status: 409, code: "ASM.01409001" });
  });

  it("answers hundreds of requests at once, each create with its own mesh", async () => {
    const emulator = await start();
    const names = Array.from({ length: 300 }, (_, i) => `mesh-${i}`);
    const answers = await Promise.all(
      names.map((name) => call(emulator, "POST", path(emulator), { body: meshBody(name) })),
    );
    expect(answers.map(({ status, body }) => [status, body.metadata.name])).toEqual(
      names.map((name) => [201, name]),
    );
    expect(new Set(answers.map(({ body }) => body.metadata.uid)).size).toBe(300);
    expect((await call(emulator, "GET", path(emulator))).body.items).toHaveLength(300);
  });

  async function start(options: EmulatorOptions = {}): Promise<Emulator> {
    const emulator = await startEmulator({ now: () => time, ...options });
    open.push(emulator);
    return emulator;
  }

  function path(emulator: Emulator, rest = ""): string {
    return `/v1/${emulator.defaults.projectId}/meshes${rest}`;
  }

  function authorization(emulator: Emulator): string {
    return `SDK-HMAC-SHA256 Access=${emulator.defaults.accessKey}, SignedHeaders=host;x-sdk-date, Signature=${"0".repeat(64)}`;
  }

  function raw(emulator: Emulator, text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(emulator.url).port), "127.0.0.1", () => socket.write(text));
      let answer = "";
      socket.setEncoding("utf8").on("data", (chunk) => {
        answer += chunk;
      });
      socket.on("end", () => resolve(answer)).on("error", reject);
    });
  }
});
