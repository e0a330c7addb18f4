import { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import {
  type ApiClientOptions,
  type ApiRequest,
  type AttemptEvent,
  createApiClient,
} from "../../../shared/huaweicloud/api-client.ts";
import { staticCredentials } from "../../../shared/huaweicloud/credentials.ts";
import { type ApiError, InvalidResponseError } from "../../../shared/huaweicloud/errors.ts";
import { sleep } from "../../../shared/huaweicloud/sleep.ts";
import { createLogger } from "../../../shared/logger.ts";
import { type ScriptedServer, startScriptedServer, virtualTime } from "./scripted-server.ts";
import { type ReceivedRequest, verifySignature } from "./verify-signature.ts";

const accessKey = "HWEXAMPLEAK000000001";
const secretKey = "ExampleSk/+NotReal0123456789abcdefghijKL";
const securityToken = "gQpjbi1ub3J0aC00+SecretToken==";
const project = "0605767b5780d5762fc5c0118072a564";

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.close());

function setUp(options: Partial<ApiClientOptions> = {}) {
  const time = virtualTime();
  const api = createApiClient({
    credentials: staticCredentials({
      kind: "access-key",
      accessKey,
      secretKey,
      securityToken,
      projectId: project,
    }),
    now: time.now,
    sleep: time.sleep,
    ...options,
  });
  const get = (more: Partial<ApiRequest<unknown>> = {}) =>
    api.request({
      operation: "ListMeshes",
      service: "asm",
      kind: "read",
      endpoint: server.url,
      method: "GET",
      path: ["v1", project, "meshes"],
      success: [200],
      ...more,
    });
  const create = (more: Partial<ApiRequest<unknown>> = {}) =>
    get({
      operation: "CreateMesh",
      kind: "create",
      method: "POST",
      body: { kind: "Mesh" },
      success: [201],
      ...more,
    });
  return { time, api, get, create };
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error("it succeeded");
    },
    (error: unknown) => error as ApiError,
  );

describe("an error", () => {
  it("says method, path, status, code, text and request id, and what to do", async () => {
    server.script({
      status: 409,
      headers: { "x-request-id": "req-7" },
      body: { errorCode: "ASM.01409001", errorMsg: "The resource already exists." },
    });
    const error = await failure(setUp().create({ query: { secret: "in-query" } }));
    expect(error.message).toBe(
      "POST /v1/…/meshes answered 409 ASM.01409001: The resource already exists. (request id req-7)",
    );
    expect({ ...error }).toEqual({
      name: "ApiError",
      operation: "CreateMesh",
      method: "POST",
      url: `${server.url}/v1/${project}/meshes`,
      status: 409,
      code: "ASM.01409001",
      requestId: "req-7",
      retryable: false,
      ambiguous: false,
      hint: "A mesh of this name exists already: choose another name, or go on with that mesh.",
    });
  });

  it("keeps no secret that the gateway echoes", async () => {
    server.script((request) => ({
      status: 401,
      body: {
        error_code: "APIGW.0301",
        error_msg: `verify aksk signature fail, canonicalRequest:${gatewaySees(request)} ${secretKey}`,
      },
    }));
    const error = await failure(setUp().get());
    const kept = JSON.stringify([error, error.message, error.stack, String(error.cause)]);
    expect(kept).toContain("x-security-token:[redacted]");
    expect(kept).not.toContain(securityToken);
    expect(kept).not.toContain(secretKey);
  });

  it("keeps no secret of the body, however it is echoed, and no access key", async () => {
    const password = 'p"a\\ss-word';
    for (const body of [
      { error: { code: 400, message: `bad field ${password} of ${accessKey}` } },
      `<pre>{"user": {"password": ${JSON.stringify(password)}}}</pre>`,
    ]) {
      server.script({ status: 400, body });
      const error = await failure(setUp().create({ body: { password }, secrets: [password] }));
      expect(error.message).not.toMatch(/p\\*"a|ss-word|HWEXAMPLEAK/);
    }
  });

  it("stays on one line without control characters, and within 2,000 characters", async () => {
    server.script({
      status: 400,
      body: { errorCode: "ASM.01400001", errorMsg: `a\r\nb\u001b[31m${"x".repeat(5000)}` },
    });
    const { message } = await failure(setUp().create());
    expect(message).toMatch(/: a b \[31mx+…$/);
    expect(message.length).toBeLessThan(2100);
  });

  it.each<[string, (canonical: string) => string, string]>([
    ["path", (text) => text.replace("/meshes/", "/Meshes/"), "another path than was signed"],
    [
      "header host",
      (text) => text.replace("host:127.0.0.1", "host:proxy"),
      "another header host than was signed",
    ],
    ["body", (text) => text.replace(/[0-9a-f]{64}$/, "44136fa3"), "another body than was signed"],
    ["query", (text) => text.replace("/||", "/|a=1|"), "another query than was signed"],
    [
      "header x-security-token",
      (text) => text.replace(securityToken, "OtherSecretToken"),
      "another header x-security-token than was signed",
    ],
  ])("names the first difference to what the gateway saw: %s", async (_, change, expected) => {
    server.script((request) => ({
      status: 401,
      body: {
        error_code: "APIGW.0301",
        error_msg: `Incorrect IAM authentication information: verify aksk signature fail, canonicalRequest:${change(gatewaySees(request))}`,
      },
    }));
    const { hint = "" } = await failure(setUp().get());
    expect(hint).toContain(expected);
    expect(hint).not.toContain(securityToken);
    expect(hint).not.toContain("OtherSecretToken");
  });

  it("blames the secret key where the gateway saw just what was signed", async () => {
    server.script((request) => ({
      status: 401,
      body: {
        error_code: "APIGW.0301",
        error_msg: `verify aksk signature fail, canonicalRequest:${gatewaySees(request)}`,
      },
    }));
    expect((await failure(setUp().get())).hint).toBe(
      "The secret key does not belong to the access key: check HUAWEICLOUD_SDK_SK.",
    );
  });

  it.each([
    [404, "APIGW.0101", "", "says nothing about whether the resource exists"],
    [404, "ASM.01404001", "", "no such mesh in this project"],
    [403, "APIGW.0802", "", "may not use the region cn-north-4"],
    [401, "APIGW.0301", "Get secretKey failed,ak:LTAI,err:ak not exist", "does not know this access key"],
    [401, "APIGW.0301", "decrypt token fail", "token is not valid here"],
    [403, "APIGW.0310", "", "project is not available"],
    [302, undefined, "", "The endpoint redirects"],
    [429, "CCE.01429004", "", "balance"],
  ])("has a hint for %i %s %s", async (status, code, text, expected) => {
    server.script({ status, body: { ...(code ? { error_code: code } : {}), error_msg: text } });
    expect((await failure(setUp({ region: "cn-north-4" }).get())).hint).toContain(expected);
  });

  it("of a redirect has not followed it", async () => {
    server.script({ status: 302, headers: { location: `${server.url}/elsewhere` } });
    expect(await failure(setUp().get())).toMatchObject({ status: 302 });
    expect(server.requests).toHaveLength(1);
  });

  it("says how long the service wants to be left alone", async () => {
    server.script({ status: 429, headers: { "retry-after": "3600" }, body: { error_code: "APIGW.0308" } });
    expect(await failure(setUp().get())).toMatchObject({ retryAfterMs: 3_600_000, retryable: true });
  });
});

describe("an answer", () => {
  const meshes = z.looseObject({ items: z.array(z.looseObject({ kind: z.string() })) });

  it("comes with status, request id, attempts and headers", async () => {
    server.script({ status: 200, headers: { "X-Request-Id": "r9" }, body: { items: [], more: 1 } });
    const { headers, ...result } = await setUp().get({ schema: meshes });
    expect(result).toEqual({ data: { items: [], more: 1 }, status: 200, attempts: 1, requestId: "r9" });
    expect(headers?.get("x-request-id")).toBe("r9");
  });

  it("that does not fit its schema names the place and never the value", async () => {
    server.script({ status: 200, headers: { "X-Request-Id": "r9" }, body: { items: [{ kind: 12345 }] } });
    const error = await failure(setUp().get({ schema: meshes }));
    expect(error).toBeInstanceOf(InvalidResponseError);
    expect(error.message).toMatch(
      /^GET \/v1\/…\/meshes answered 200, but its body does not fit: items\.0\.kind: /,
    );
    expect(error.message).toMatch(/\(request id r9\)$/);
    expect(error.message).not.toContain("12345");
  });

  it.each([
    ["create", true],
    ["read", false],
  ] as const)("of a %s that is no JSON says whether something was changed", async (kind, ambiguous) => {
    server.script({ status: 200, body: "<html>" });
    const error = await failure(setUp().create({ kind, success: [200], schema: meshes }));
    expect(error).toMatchObject({ name: "InvalidResponseError", ambiguous, status: 200 });
    expect(server.requests).toHaveLength(1);
  });

  it("without a schema is JSON, text or undefined", async () => {
    const { get } = setUp();
    const data = [];
    for (const body of ['{"a":1}', "plain", ""]) {
      server.script({ status: 200, body });
      data.push((await get()).data);
    }
    expect(data).toEqual([{ a: 1 }, "plain", undefined]);
  });

  it("longer than the limit is not read to its end", async () => {
    server.script({ status: 200, body: `"${"x".repeat(5000)}"` });
    const error = await failure(setUp({ maxResponseBytes: 1000 }).get());
    expect(error.message).toContain("its body is larger than is read");
  });

  it("of an error that is longer than the limit still says its status", async () => {
    server.script({ status: 403, body: "x".repeat(5000) });
    expect(await failure(setUp({ maxResponseBytes: 1000 }).get())).toMatchObject({ status: 403 });
  });
});

describe("an access key", () => {
  const expired = (serverTime: string) => ({
    status: 401,
    body: {
      error_code: "APIGW.0301",
      error_msg: `Incorrect IAM authentication information: calc aksk signature fail:signature expired, signature time:20240115T083000Z,server time:${serverTime}`,
    },
  });

  it("is signed with again by the gateway's clock, once, and later calls keep that clock", async () => {
    const { get, time } = setUp();
    server.script(expired("20240115T103000Z"), { status: 200, body: {} });
    expect(await get()).toMatchObject({ attempts: 2 });
    expect(await get()).toMatchObject({ attempts: 1 });
    expect(server.requests.map(dateOf)).toEqual(["20240115T083000Z", "20240115T103000Z", "20240115T103000Z"]);
    expect(time.waits).toEqual([]);
  });

  it("gives up when the gateway's clock did not help", async () => {
    server.script(expired("20240115T103000Z"));
    const error = await failure(setUp().get());
    expect(error).toMatchObject({ status: 401, retryable: false });
    expect(error.hint).toContain("clock");
    expect(server.requests).toHaveLength(2);
  });

  it("is corrected by one of the calls that failed together", async () => {
    const { get } = setUp();
    let failures = 0;
    server.script((request) => {
      if (dateOf(request) !== "20240115T083000Z") return { status: 200, body: {} };
      failures += 1;
      return expired(`20240115T10300${failures}Z`);
    });
    await Promise.all(Array.from({ length: 5 }, () => get()));
    const corrected = server.requests.map(dateOf).filter((date) => date !== "20240115T083000Z");
    expect([corrected.length, new Set(corrected).size]).toEqual([5, 1]);
  });

  it("that is locked is not used for five minutes", async () => {
    const { get, time } = setUp();
    server.script({
      status: 401,
      body: {
        error_code: "APIGW.0301",
        error_msg: "Incorrect IAM authentication information: AK access failed to reach the limit,forbidden",
      },
    });
    expect((await failure(get())).hint).toContain("locked this access key for 5 minutes");
    time.ms += 60_000;
    const refused = await failure(get());
    expect(refused.message).toBe(
      "GET /v1/…/meshes was not sent: the access key is locked until 2024-01-15T08:35:00.000Z after too many failed signatures.",
    );
    expect(refused).toMatchObject({ name: "ApiError", status: 401, retryable: false, retryAfterMs: 240_000 });
    expect(server.requests).toHaveLength(1);
    time.ms += 240_000;
    server.script({ status: 200, body: {} });
    expect(await get()).toMatchObject({ status: 200 });
  });

  it("that was locked while a call waited for its turn is not used by that call", async () => {
    const waiting: (() => void)[] = [];
    const { get } = setUp({
      budgets: { readBurst: 1 },
      sleep: () => new Promise((resolve) => waiting.push(resolve)),
    });
    server.script({
      status: 401,
      body: { error_code: "APIGW.0301", error_msg: "AK access failed to reach the limit,forbidden" },
    });
    const first = failure(get());
    const second = failure(get());
    await first;
    waiting[0]!();
    expect((await second).message).toContain("was not sent");
    expect(server.requests).toHaveLength(1);
  });

  it("signs each attempt anew, with the credentials of that moment", async () => {
    const keys = ["AKFIRST", "AKSECOND"];
    const { get } = setUp({
      random: () => 1,
      credentials: {
        get: async () => ({ kind: "access-key", accessKey: keys.shift() ?? "AKTHIRD", secretKey }),
      },
    });
    server.script({ status: 503 }, { status: 200, body: {} });
    await get();
    const [first, second] = server.requests as [ReceivedRequest, ReceivedRequest];
    expect([first, second].map((r) => verifySignature(r, () => secretKey))).toEqual(["valid", "valid"]);
    expect(header(first, "authorization")).toContain("Access=AKFIRST,");
    expect(header(second, "authorization")).toContain("Access=AKSECOND,");
    expect(dateOf(second) > dateOf(first)).toBe(true);
  });

  it("sends the project id to project services and not to IAM", async () => {
    const { get } = setUp();
    server.script({ status: 200 });
    await get();
    await get({ service: "iam" });
    expect(server.requests.map((r) => header(r, "x-project-id"))).toEqual([project, undefined]);
  });

  it("can be signed with V11 for hosts that want it", async () => {
    const { get } = setUp({ derived: { region: "eu-west-101", service: "asm", when: () => true } });
    server.script({ status: 200 });
    await get();
    expect(header(server.requests[0]!, "authorization")).toMatch(
      /^V11-HMAC-SHA256 Credential=\w+\/20240115\/eu-west-101\/asm,/,
    );
    expect(verifySignature(server.requests[0]!, () => secretKey)).toBe("valid");
  });
});

describe("the client", () => {
  it("has separate budgets for reads and writes", async () => {
    const { get, create, time } = setUp({
      budgets: { readsPerSecond: 10, readBurst: 2, writesPerMinute: 10, writeBurst: 1 },
    });
    server.script({ status: 201 });
    await create();
    await create();
    expect(time.waits).toEqual([6000]);
    time.waits.length = 0;
    for (let i = 0; i < 3; i++) await get({ success: [201] });
    expect(time.waits).toEqual([100]);
  });

  it("has a budget of its own for each service", async () => {
    const { create, time } = setUp({ budgets: { writesPerMinute: 10, writeBurst: 1 } });
    server.script({ status: 201 });
    await create();
    await create({ service: "smn" });
    expect(time.waits).toEqual([]);
    await create({ service: "smn" });
    expect(time.waits).toEqual([6000]);
  });

  it("does not make messages wait as writes do: many requests can end in the same minute", async () => {
    const { create, time } = setUp();
    server.script({ status: 201 });
    for (let i = 0; i < 100; i++) await create({ service: "smn", kind: "publish" });
    expect(time.waits).toEqual([]);
  });

  it("holds every write back when the gateway throttles one, since it counts refused calls too", async () => {
    const { get, create, time } = setUp({ retry: { attempts: 1 }, random: () => 0 });
    server.script({ status: 429, body: { error_code: "APIGW.0308" } }, { status: 201 });
    await failure(create());
    time.ms += 10_000;
    await get({ success: [201] });
    expect(time.waits).toEqual([]);
    await create();
    await create();
    expect(time.waits).toEqual([50_000, 6000]);
  });

  it("tries a quota of a day again after two minutes", async () => {
    const { create, time } = setUp();
    server.script(
      { status: 429, body: { error_code: "APIGW.0308", error_msg: "limit:10,time:1 day" } },
      { status: 201 },
    );
    await failure(create());
    await create();
    expect(time.waits).toEqual([120_000]);
  });

  it("holds looks back for half a minute at most", async () => {
    const { get, time } = setUp();
    server.script({ status: 429, headers: { "retry-after": "3600" } }, { status: 200 });
    await failure(get());
    await get();
    expect(time.waits).toEqual([30_000]);
  });

  it("does not hold others back for a mesh that is busy", async () => {
    const { create, time } = setUp({ retry: { attempts: 1 } });
    server.script({ status: 429, body: { errorCode: "ASM.01429001" } }, { status: 201 });
    await failure(create());
    await create();
    expect(time.waits).toEqual([]);
  });

  it("lets five writes and a hundred reads pass at once", async () => {
    const { get, create, time } = setUp();
    server.script({ status: 201 });
    for (let i = 0; i < 5; i++) await create();
    await Promise.all(Array.from({ length: 100 }, () => get({ success: [201] })));
    expect(time.waits).toEqual([]);
    await create();
    expect(time.waits).toEqual([6000]);
  });

  it("sends nothing whose turn comes after `notAfter`, and takes no turn for it", async () => {
    const { create, time } = setUp({ budgets: { writesPerMinute: 10, writeBurst: 1 } });
    server.script({ status: 201 });
    await create();
    const error = await failure(create({ notAfter: time.ms + 5999 }));
    expect(error.message).toBe(
      "POST /v1/…/meshes was not sent: its turn within the rate budget comes only at 2024-01-15T08:30:06.000Z, too late.",
    );
    expect(error).toMatchObject({ retryable: true, ambiguous: false, retryAfterMs: 6000 });
    await create({ notAfter: time.ms + 6000 });
    expect(server.requests).toHaveLength(2);
    expect(time.waits).toEqual([6000]);
  });

  it("looks once although its turn comes after `notAfter`, but not twice", async () => {
    const { get, time } = setUp({ budgets: { readsPerSecond: 0.1, readBurst: 1 } });
    server.script({ status: 200 }, { status: 503 });
    await get();
    expect(await failure(get({ notAfter: time.ms + 1000 }))).toMatchObject({ status: 503, retryable: true });
    expect(time.waits).toEqual([10_000]);
    expect(server.requests).toHaveLength(2);
  });

  it("begins no retry after `notAfter`, and says what the last attempt was answered", async () => {
    const { get, time } = setUp({ random: () => 1 });
    server.script({ status: 503, body: { error_code: "APIGW.0613" } });
    expect(await failure(get({ notAfter: time.ms + 4000 }))).toMatchObject({ status: 503, retryable: true });
    expect(time.waits).toEqual([1000, 2000]);
    expect(server.requests).toHaveLength(3);
  });

  it("says what the last attempt was answered when the next one's turn is too late", async () => {
    const { create, time } = setUp({ budgets: { writesPerMinute: 1, writeBurst: 1 }, random: () => 1 });
    server.script({ status: 503, body: { error_code: "APIGW.0613" } });
    const error = await failure(create({ notAfter: time.ms + 30_000 }));
    expect(error).toMatchObject({ status: 503, code: "APIGW.0613", retryable: true, ambiguous: false });
    expect(time.waits).toEqual([1000]);
  });

  it("counts refused retries against the budget", async () => {
    const { create, time } = setUp({ budgets: { writesPerMinute: 0.5, writeBurst: 1 }, random: () => 0 });
    server.script({ status: 503, body: { error_code: "APIGW.0613" } }, { status: 201 });
    await create();
    expect(time.waits).toEqual([500, 119_500]);
  });

  it("tells of each attempt, without secrets, to its caller and its log", async () => {
    const events: AttemptEvent[] = [];
    const lines: string[] = [];
    const log = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
    const { get } = setUp({
      random: () => 0,
      onAttempt: (event) => events.push(event),
      logger: createLogger("debug", log),
    });
    server.script(
      { status: 503, body: { error_code: "APIGW.0613", error_msg: `x-security-token:${securityToken}` } },
      { status: 200, body: {} },
    );
    await get({ query: { q: "private" } });
    expect(events).toEqual([
      {
        operation: "ListMeshes",
        attempt: 1,
        status: 503,
        code: "APIGW.0613",
        error: "x-security-token:[redacted]",
        retryInMs: 500,
        durationMs: 0,
      },
      { operation: "ListMeshes", attempt: 2, status: 200, durationMs: 0 },
    ]);
    expect(lines).toHaveLength(2);
    expect(lines.join()).not.toMatch(/SecretToken|ExampleSk|Signature|private/);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      operation: "ListMeshes",
      attempt: 1,
      method: "GET",
      status: 503,
    });
  });

  it.each([
    [{ "X-Note": "a\r\nX-Evil: b" }, "header-value"],
    [{ "X Note": "a" }, "header-name"],
    [{ x_note: "a" }, "header-name"],
  ])("refuses the headers %j before sending, with a token too", async (headers, reason) => {
    server.script({ status: 200 });
    for (const credentials of [undefined, staticCredentials({ kind: "token", token: "MIID" })]) {
      const { get } = setUp(credentials ? { credentials } : {});
      expect(await failure(get({ headers: headers as Record<string, string> }))).toMatchObject({ reason });
    }
    expect(server.requests).toHaveLength(0);
  });

  it("refuses a token that no header can hold, without showing it", async () => {
    server.script({ status: 200 });
    const { get } = setUp({ credentials: staticCredentials({ kind: "token", token: "MIID\nabc" }) });
    const error = await failure(get());
    expect(error.name).toBe("CredentialsError");
    expect(error.message).not.toContain("MIID");
    expect(server.requests).toHaveLength(0);
  });

  it("keeps connections alive", async () => {
    const own = await startScriptedServer();
    own.script({ status: 200, body: {} });
    const { get } = setUp({ budgets: { readBurst: 1000 } });
    for (let i = 0; i < 20; i++) await get({ endpoint: own.url });
    expect(own.requests).toHaveLength(20);
    expect(own.connections()).toBeLessThan(5);
    await own.close();
  });

  it("aborts a request under way with the signal's reason", async () => {
    server.script("hang");
    const abort = new AbortController();
    const pending = failure(setUp().create({ signal: abort.signal }));
    setTimeout(() => abort.abort(new Error("cancelled by the user")), 30);
    expect((await pending).message).toBe("cancelled by the user");
    expect(server.requests).toHaveLength(1);
  });

  it("aborts a wait between attempts with the signal's reason, whatever it is", async () => {
    server.script({ status: 503 });
    const abort = new AbortController();
    const pending = failure(setUp({ sleep, random: () => 1 }).get({ signal: abort.signal }));
    setTimeout(() => abort.abort("just a text"), 30);
    expect(await pending).toBe("just a text");
    expect(server.requests).toHaveLength(1);
  });

  it("sends nothing once the signal has aborted", async () => {
    server.script({ status: 200 });
    const error = await failure(setUp().get({ signal: AbortSignal.abort(new Error("before")) }));
    expect(error.message).toBe("before");
    expect(server.requests).toHaveLength(0);
  });

  it("leaves no listener on a signal that outlives the call", async () => {
    server.script({ status: 503 }, { status: 200 });
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...given: Parameters<typeof add>) => {
      listeners += 1;
      add(...given);
    };
    signal.removeEventListener = (...given: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...given);
    };
    await setUp().get({ signal });
    expect(listeners).toBe(0);
  });

  it("reports a time-out as an answer that never came", async () => {
    server.script("hang");
    const error = await failure(setUp({ attemptTimeoutMs: 50 }).create());
    expect(error.message).toBe("POST /v1/…/meshes got no answer: no answer within 0.05 s");
    expect(error).toMatchObject({ ambiguous: true, retryable: true });
    expect(error.hint).toContain("may have been carried out");
  });
});

/** What the gateway's error text shows of a request. */
function gatewaySees(request: ReceivedRequest): string {
  const verdict = verifySignature(request, () => "another secret");
  return verdict === "valid" ? "" : verdict.canonicalRequest.replaceAll("\n", "|");
}

function header({ rawHeaders }: ReceivedRequest, name: string): string | undefined {
  const at = rawHeaders.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name);
  return at < 0 ? undefined : rawHeaders[at + 1];
}

function dateOf(request: ReceivedRequest): string {
  return header(request, "x-sdk-date") ?? "";
}
