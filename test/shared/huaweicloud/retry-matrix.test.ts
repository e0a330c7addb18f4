import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type ApiClientOptions,
  type ApiRequest,
  createApiClient,
} from "../../../shared/huaweicloud/api-client.ts";
import { staticCredentials } from "../../../shared/huaweicloud/credentials.ts";
import { ApiError } from "../../../shared/huaweicloud/errors.ts";
import { type ScriptedServer, type Step, startScriptedServer, virtualTime } from "./scripted-server.ts";

type Kind = ApiRequest<unknown>["kind"];
/** `[least, most]` ms until the second try, or what the caller learns without one. */
type Outcome = [number, number] | "fatal" | "ambiguous" | "transient";
type Row = [name: string, step: Step, outcomes: Record<Kind, Outcome>];

const backoff: [number, number] = [500, 1000];
const everywhere = (outcome: Outcome) => ({
  read: outcome,
  create: outcome,
  delete: outcome,
  write: outcome,
  publish: outcome,
});
const unknownOutcome = {
  read: backoff,
  delete: backoff,
  publish: backoff,
  create: "ambiguous",
  write: "ambiguous",
} as const;
const throttled = { read: [10_000, 11_000], create: [60_000, 66_000] } as const;
const throttle = {
  ...throttled,
  delete: throttled.create,
  write: throttled.create,
  publish: throttled.create,
} as Record<Kind, [number, number]>;
const busy = everywhere([5000, 30_000]);

const asm = (status: number, errorCode: string, errorMsg: string): Step => ({
  status,
  body: { errorCode, errorMsg },
});
const gateway = (status: number, error_code: string, error_msg = "Some text.", headers = {}): Step => ({
  status,
  headers,
  body: { error_code, error_msg, request_id: "r-1" },
});
const html = (status: number): Step => ({ status, body: "<html><body><h1>Bad Gateway</h1></body></html>" });

const rows: Row[] = [
  ["reset after sending", "reset", unknownOutcome],
  ["time-out after sending", "hang", unknownOutcome],
  ["half an answer", "half", unknownOutcome],
  ["408 with an empty body", { status: 408 }, unknownOutcome],
  ["500 ASM.01500001", asm(500, "ASM.01500001", "Internal error."), unknownOutcome],
  ["500 with an empty body", { status: 500 }, unknownOutcome],
  ["502 with a page of HTML", html(502), unknownOutcome],
  ["503 with a page of HTML", html(503), unknownOutcome],
  ["504 with a page of HTML", html(504), unknownOutcome],
  ["400 ASM.01400001", asm(400, "ASM.01400001", "Invalid request."), everywhere("fatal")],
  ["401 ASM.01401001", asm(401, "ASM.01401001", "Authorization failed."), everywhere("fatal")],
  ["403 ASM.01403001", asm(403, "ASM.01403001", "Forbidden."), everywhere("fatal")],
  ["404 ASM.01404001", asm(404, "ASM.01404001", "Resource not found."), everywhere("fatal")],
  [
    "409 ASM.01409001",
    asm(409, "ASM.01409001", "The resource already exists."),
    { read: "fatal", create: "fatal", write: "fatal", publish: "fatal", delete: [5000, 30_000] },
  ],
  ["429 ASM.01429001", asm(429, "ASM.01429001", "Resource locked by other requests."), busy],
  [
    "429 ASM.01429001 with Retry-After: 7",
    {
      status: 429,
      headers: { "retry-after": "7" },
      body: { errorCode: "ASM.01429001", errorMsg: "Locked." },
    },
    everywhere([7000, 7000]),
  ],
  ["APIGW.0101 of status 404", gateway(404, "APIGW.0101"), everywhere("fatal")],
  ["APIGW.0103 of status 404", gateway(404, "APIGW.0103"), everywhere("fatal")],
  ["APIGW.0104 of status 400", gateway(400, "APIGW.0104"), everywhere("fatal")],
  ["APIGW.0105 of status 400", gateway(400, "APIGW.0105"), everywhere("fatal")],
  ["APIGW.0106 of status 400", gateway(400, "APIGW.0106"), everywhere("fatal")],
  ["APIGW.0201 of status 400", gateway(400, "APIGW.0201"), everywhere("fatal")],
  ["APIGW.0201 of status 413", gateway(413, "APIGW.0201"), everywhere("fatal")],
  ["APIGW.0201 of status 414", gateway(414, "APIGW.0201"), everywhere("fatal")],
  ["APIGW.0201 of status 494", gateway(494, "APIGW.0201"), everywhere("fatal")],
  ["APIGW.0201 of status 502", gateway(502, "APIGW.0201"), unknownOutcome],
  ["APIGW.0201 of status 504", gateway(504, "APIGW.0201", "Backend timeout."), unknownOutcome],
  [
    "APIGW.0301 of status 401",
    gateway(401, "APIGW.0301", "Incorrect IAM authentication information: verify aksk signature fail"),
    everywhere("fatal"),
  ],
  ["APIGW.0302 of status 403", gateway(403, "APIGW.0302"), everywhere("fatal")],
  ["APIGW.0303 of status 401", gateway(401, "APIGW.0303"), everywhere("fatal")],
  ["APIGW.0304 of status 403", gateway(403, "APIGW.0304"), everywhere("fatal")],
  ["APIGW.0305 of status 401", gateway(401, "APIGW.0305"), everywhere("fatal")],
  ["APIGW.0306 of status 403", gateway(403, "APIGW.0306"), everywhere("fatal")],
  ["APIGW.0307 of status 401", gateway(401, "APIGW.0307"), everywhere("fatal")],
  [
    "APIGW.0308 of status 429",
    gateway(
      429,
      "APIGW.0308",
      "The throttling threshold has been reached: policy user over ratelimit,limit:200,time:1 second",
    ),
    throttle,
  ],
  [
    "APIGW.0308 with time:1 minute",
    gateway(
      429,
      "APIGW.0308",
      "The throttling threshold has been reached: policy user over ratelimit,limit:10,time:1 minute",
    ),
    everywhere([60_000, 66_000]),
  ],
  [
    "APIGW.0308 with time:1 day",
    gateway(429, "APIGW.0308", "…: policy user over ratelimit,limit:10,time:1 day"),
    everywhere("transient"),
  ],
  [
    "APIGW.0308 with Retry-After: 3",
    gateway(429, "APIGW.0308", "…time:1 minute", { "retry-after": "3" }),
    everywhere([3000, 3000]),
  ],
  [
    "APIGW.0308 with Retry-After as a date",
    gateway(429, "APIGW.0308", "…", { "retry-after": "Mon, 15 Jan 2024 08:30:42 GMT" }),
    everywhere([42_000, 42_000]),
  ],
  ["APIGW.0308 with Retry-After: 0", gateway(429, "APIGW.0308", "…", { "retry-after": "0" }), throttle],
  [
    "APIGW.0308 with a Retry-After of an hour ago",
    gateway(429, "APIGW.0308", "…", { "retry-after": "Mon, 15 Jan 2024 07:30:00 GMT" }),
    throttle,
  ],
  [
    "APIGW.0308 with a Retry-After that says nothing",
    gateway(429, "APIGW.0308", "…", { "retry-after": "-5, soon" }),
    throttle,
  ],
  [
    "APIGW.0308 with a Retry-After of an hour",
    gateway(429, "APIGW.0308", "…", { "retry-after": "3600" }),
    everywhere("transient"),
  ],
  ["APIG.0308, the older prefix", gateway(429, "APIG.0308"), throttle],
  ["429 with a page of HTML", html(429), throttle],
  ["APIGW.0310 of status 403", gateway(403, "APIGW.0310"), everywhere("fatal")],
  ["APIGW.0401 of status 403", gateway(403, "APIGW.0401"), everywhere("fatal")],
  ["APIGW.0402 of status 403", gateway(403, "APIGW.0402"), everywhere("fatal")],
  ["APIGW.0501 of status 405", gateway(405, "APIGW.0501"), everywhere("fatal")],
  ["APIGW.0502 of status 405", gateway(405, "APIGW.0502"), everywhere("fatal")],
  ["APIGW.0601 of status 500", gateway(500, "APIGW.0601"), unknownOutcome],
  ["APIGW.0605 of status 500", gateway(500, "APIGW.0605"), everywhere(backoff)],
  ["APIGW.0606 of status 500", gateway(500, "APIGW.0606"), everywhere(backoff)],
  ["APIGW.0608 of status 500", gateway(500, "APIGW.0608"), everywhere(backoff)],
  ["APIGW.0610 of status 502", gateway(502, "APIGW.0610"), everywhere(backoff)],
  ["APIGW.0613 of status 503", gateway(503, "APIGW.0613"), everywhere(backoff)],
  ["APIGW.0705 of status 500", gateway(500, "APIGW.0705"), unknownOutcome],
  ["APIGW.0802 of status 403", gateway(403, "APIGW.0802"), everywhere("fatal")],
  [
    "429 CCE.01429004, an insufficient balance",
    { status: 429, body: { errorCode: "CCE.01429004", errorMessage: "Insufficient account balance." } },
    everywhere("fatal"),
  ],
  [
    "429 of an unknown code, with a balance text",
    { status: 429, body: { errorCode: "XYZ.0429", errorMessage: "Insufficient account balance" } },
    everywhere("fatal"),
  ],
  ["APIG.0105 of status 500, as other sites send it", gateway(500, "APIG.0105"), everywhere("fatal")],
  ["APIG.0101 of status 500, as other sites send it", gateway(500, "APIG.0101"), everywhere("fatal")],
  ["404 with a page of HTML", html(404), everywhere("fatal")],
  ["405 with an empty body", { status: 405 }, everywhere("fatal")],
  ["413 with an empty body", { status: 413 }, everywhere("fatal")],
  ["414 with an empty body", { status: 414 }, everywhere("fatal")],
  ["422 with an empty body", { status: 422 }, everywhere("fatal")],
  ["494 with an empty body", { status: 494 }, everywhere("fatal")],
  ["501 with an empty body", { status: 501 }, everywhere("fatal")],
  ["302 to another address", { status: 302, headers: { location: "/elsewhere" } }, everywhere("fatal")],
  [
    "503 with Retry-After: 12",
    { status: 503, headers: { "retry-after": "12" } },
    { ...unknownOutcome, read: [12_000, 12_000], delete: [12_000, 12_000], publish: [12_000, 12_000] },
  ],
];

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.close());

const expectations = rows.flatMap(([name, step, outcomes]) =>
  (["read", "create", "delete", "write", "publish"] as const).map((kind) => ({
    kind,
    step,
    outcome: outcomes[kind],
    title: `${name} on ${kind}: ${describeOutcome(outcomes[kind])}`,
  })),
);

describe("the retry matrix", () => {
  it.each(expectations)("$title", async ({ kind, step, outcome }) => {
    server.script(step, { status: 200, body: { ok: true } });
    const { result, waits } = await call(kind, server.url, step === "hang" ? { attemptTimeoutMs: 250 } : {});
    if (typeof outcome === "string") {
      expect(server.requests).toHaveLength(1);
      expect(waits).toEqual([]);
      expect(result).toBeInstanceOf(ApiError);
      expect(result).toMatchObject({
        ambiguous: outcome === "ambiguous",
        retryable: outcome !== "fatal",
      });
      return;
    }
    expect(result).toMatchObject({ data: { ok: true }, attempts: 2 });
    expect(server.requests).toHaveLength(2);
    expect(waits).toHaveLength(1);
    expect(waits[0]).toBeGreaterThanOrEqual(outcome[0]);
    expect(waits[0]).toBeLessThanOrEqual(outcome[1]);
  });

  it.each(["read", "create", "delete", "write", "publish"] as const)(
    "ECONNREFUSED on %s: tries again, and says that nothing was sent",
    async (kind) => {
      const closed = await startScriptedServer();
      await closed.close();
      const { result, waits } = await call(kind, closed.url);
      expect(waits).toHaveLength(4);
      expect(result).toMatchObject({ code: "ECONNREFUSED", retryable: true, ambiguous: false });
      expect((result as ApiError).message).toMatch(/^POST \/v1\/…\/meshes got no answer: .*ECONNREFUSED/);
    },
  );

  it.each(["ENOTFOUND", "EAI_AGAIN"])("%s on create: tries again", async (code) => {
    server.script({ status: 200, body: { ok: true } });
    let first = true;
    const fetch: typeof globalThis.fetch = (...given) => {
      if (!first) return globalThis.fetch(...given);
      first = false;
      throw new TypeError("fetch failed", {
        cause: Object.assign(new Error(`getaddrinfo ${code} asm`), { code }),
      });
    };
    const { result, waits } = await call("create", server.url, { fetch });
    expect(result).toMatchObject({ attempts: 2 });
    expect(waits).toHaveLength(1);
  });

  it.each([
    ["connect", 2],
    ["read", 1],
  ])("ETIMEDOUT of %s on create: counts as sent only once connected", async (syscall, requests) => {
    let tries = 0;
    const fetch: typeof globalThis.fetch = () => {
      tries += 1;
      const code = "ETIMEDOUT";
      throw new TypeError("fetch failed", {
        cause: Object.assign(new Error("timed out"), { code, syscall }),
      });
    };
    const { result } = await call("create", server.url, { fetch, retry: { attempts: 2 } });
    expect(tries).toBe(requests);
    expect(result).toMatchObject({ code: "ETIMEDOUT", ambiguous: syscall === "read" });
  });

  it.each(["SELF_SIGNED_CERT_IN_CHAIN", "ERR_TLS_CERT_ALTNAME_INVALID", "CERT_HAS_EXPIRED"])(
    "%s: is fatal and names the certificate",
    async (code) => {
      const fetch: typeof globalThis.fetch = () => {
        throw new TypeError("fetch failed", { cause: Object.assign(new Error("not trusted"), { code }) });
      };
      const { result, waits } = await call("create", server.url, { fetch });
      expect(waits).toEqual([]);
      expect(result).toMatchObject({ code, retryable: false, ambiguous: false });
      expect((result as ApiError).hint).toContain("certificate");
    },
  );

  it.each([
    ["create", true],
    ["write", true],
    ["read", false],
    ["delete", false],
    ["publish", false],
  ] as const)(
    "200 where 201 was expected on %s: is not taken for the outcome asked for",
    async (kind, ambiguous) => {
      server.script({ status: 200, body: {} });
      const { result } = await call(kind, server.url, {}, [201]);
      expect(result).toMatchObject({ status: 200, ambiguous, retryable: false });
      expect((result as ApiError).message).toBe("POST /v1/…/meshes answered 200: 201 was expected.");
    },
  );

  it("waits longer each time, up to 20 s, and gives up after five tries", async () => {
    server.script({ status: 503 });
    const { result, waits } = await call("read", server.url, { random: () => 1 });
    expect(waits).toEqual([1000, 2000, 4000, 8000]);
    expect(server.requests).toHaveLength(5);
    expect(result).toMatchObject({ status: 503, retryable: true, ambiguous: false });
  });

  it("starts no try after maxElapsedMs", async () => {
    server.script(gateway(429, "APIGW.0308"));
    const { waits } = await call("create", server.url, { random: () => 0 });
    expect(waits).toEqual([60_000]);
    expect(server.requests).toHaveLength(2);
  });
});

async function call(kind: Kind, endpoint: string, seams: Partial<ApiClientOptions> = {}, success = [200]) {
  const time = virtualTime();
  const api = createApiClient({
    credentials: staticCredentials({ kind: "access-key", accessKey: "AKEXAMPLE", secretKey: "SKEXAMPLE" }),
    now: time.now,
    sleep: time.sleep,
    ...seams,
  });
  const result = await api
    .request({
      operation: "Probe",
      service: "asm",
      kind,
      endpoint,
      method: "POST",
      path: ["v1", "0605767b5780d5762fc5c0118072a564", "meshes"],
      body: {},
      success,
    })
    .catch((error: unknown) => error);
  return { result, waits: time.waits };
}

function describeOutcome(outcome: Outcome): string {
  if (outcome === "fatal") return "is fatal";
  if (outcome === "ambiguous") return "is not tried again, since it may have been carried out";
  if (outcome === "transient") return "is not waited for, but can be tried later";
  return outcome[0] === outcome[1]
    ? `tries again after ${outcome[0] / 1000} s`
    : `tries again after ${outcome[0] / 1000} to ${outcome[1] / 1000} s`;
}
