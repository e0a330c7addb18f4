import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { createHandler, type HandlerOptions } from "../../../shared/handler/create-handler.ts";
import apigEvent from "../../fixtures/events/apig.json" with { type: "json" };
import { capturingStdout } from "./captured-stdout.ts";
import { type ContextValues, FakeContext } from "./fake-context.ts";

const agency = { accessKey: "TEMPORARY-AK", secretKey: "temporary-sk", securityToken: "temporary-token" };

async function invoke<Input>(options: HandlerOptions<Input>, event: unknown, values: ContextValues = {}) {
  const handler = createHandler({ env: {}, ...options });
  const { result, lines } = await capturingStdout(() => handler(event, new FakeContext(values)));
  return { result, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe("a handler", () => {
  it("has two parameters and answers with a native Promise", async () => {
    const handler = createHandler({ run: async () => "done", env: {} });

    expect(handler.length).toBe(2);
    const { result } = await capturingStdout(async () => {
      const answer = handler({}, new FakeContext());
      expect(Object.getPrototypeOf(answer)).toBe(Promise.prototype);
      return answer;
    });
    expect(result).toBe("done");
  });

  it("gives the work its typed input, the configuration, the agency's key and a signal", async () => {
    const { result } = await invoke(
      {
        input: z.looseObject({ waitSeconds: z._default(z.number(), 60) }),
        run: async ({ input, config, credentials, signal }) => ({
          input,
          region: config.region,
          projectId: config.projectId,
          credentials: await credentials.get(),
          aborted: signal.aborted,
        }),
      },
      { more: true },
      { agency, userData: { HW_REGION_NAME: "cn-north-4" } },
    );

    expect(result).toEqual({
      input: { more: true, waitSeconds: 60 },
      region: "cn-north-4",
      projectId: "project-of-the-function",
      credentials: { kind: "access-key", ...agency, projectId: "project-of-the-function" },
      aborted: false,
    });
  });

  it("answers input of the wrong form with every fault and the request as it came", async () => {
    const { result } = await invoke(
      { input: z.looseObject({ a: z.number("must be a number"), b: z.string("must be a text") }), run: ok },
      { request: { requestId: "r" }, a: "1" },
    );

    expect(result).toEqual({
      statusCode: 400,
      request: { requestId: "r" },
      error: {
        code: "INVALID_REQUEST",
        message: "The request is not valid:\n  a: must be a number\n  b: must be a text",
      },
    });
  });

  it("answers a configuration that cannot be used before any work", async () => {
    const { result } = await invoke({ run: ok }, {}, { userData: { HW_REGION_NAME: "CN North 4" } });

    expect(result).toMatchObject({
      statusCode: 400,
      error: {
        code: "INVALID_CONFIGURATION",
        message: "The environment is not usable:\n  HW_REGION_NAME: must be a region id such as cn-north-4",
      },
    });
  });

  it("says in one sentence that there is no agency, and only to who asks for credentials", async () => {
    const asks = await invoke({ run: async ({ credentials }) => credentials.get() }, {});
    const asksNot = await invoke({ run: ok }, {});

    expect(asks.result).toMatchObject({
      statusCode: 401,
      error: {
        code: "NO_CREDENTIALS",
        message: expect.stringMatching(/^The function has no credentials: give it an agency [^.]*\.$/),
      },
    });
    expect(asksNot.result).toEqual({ statusCode: 200 });
  });

  it("never throws inside a flow: an error is a result that echoes what the next step needs", async () => {
    const event = {
      request: { requestId: "r", action: "create" },
      mesh: { name: "prod-mesh", uid: "uid-1" },
      observed: { Creating: 3 },
      warnings: ["slow"],
    };
    const { result, lines } = await invoke({ run: async () => Promise.reject(new Error("boom")) }, event);

    expect(result).toEqual({ ...event, statusCode: 503, error: { code: "UNEXPECTED", message: "boom" } });
    expect(lines[0]).toMatchObject({
      level: 50,
      err: { message: "boom", stack: expect.stringMatching(/at /) },
    });
  });

  it("never throws for what is no Error, nor for a run that throws at once", async () => {
    const notAnError = await invoke({ run: async () => Promise.reject("just a text") }, null);
    const atOnce = await invoke(
      {
        run: () => {
          throw new TypeError("at once");
        },
      },
      "text",
    );

    expect(notAnError.result).toMatchObject({ statusCode: 503, error: { message: "just a text" } });
    expect(atOnce.result).toMatchObject({ statusCode: 503, error: { message: "at once" } });
  });
});

describe("the credentials of an invocation", () => {
  it("are read anew each time and never kept", async () => {
    const handler = createHandler({ env: {}, run: async ({ credentials }) => credentials.get() });
    const keys = [];
    for (const name of ["first", "second"]) {
      const context = new FakeContext({ agency: { ...agency, accessKey: name } });
      keys.push((await capturingStdout(() => handler({}, context))).result);
    }
    const { result: none } = await capturingStdout(() => handler({}, new FakeContext()));

    expect(keys).toMatchObject([{ accessKey: "first" }, { accessKey: "second" }]);
    expect(none).toMatchObject({ error: { code: "NO_CREDENTIALS" } });
  });

  it("are the configured ones where there are any", async () => {
    const userData = { HUAWEICLOUD_SDK_AK: "own-ak", HUAWEICLOUD_SDK_SK: "own-sk" };
    const { result } = await invoke(
      { run: async ({ credentials }) => credentials.get() },
      {},
      { agency, userData },
    );

    expect(result).toEqual({
      kind: "access-key",
      accessKey: "own-ak",
      secretKey: "own-sk",
      projectId: "project-of-the-function",
    });
  });
});

describe("the end of a function's time", () => {
  it("is told to the work early enough to answer with what it knows", async () => {
    const { result } = await invoke(
      {
        stopEarlyMs: 400,
        answerEarlyMs: 100,
        run: ({ signal }) =>
          new Promise((resolve) => {
            signal.addEventListener("abort", () =>
              resolve({ statusCode: 503, known: signal.reason.message }),
            );
          }),
      },
      {},
      { timeoutMs: 500 },
    );

    expect(result).toEqual({ statusCode: 503, known: "the time limit of the function is nearly reached" });
  });

  it("is answered for work that does not stop", async () => {
    const event = { request: { requestId: "r" } };
    const { result } = await invoke(
      { stopEarlyMs: 400, answerEarlyMs: 300, run: async () => sleep(2000, "too late", { ref: false }) },
      event,
      { timeoutMs: 500 },
    );

    expect(result).toMatchObject({
      statusCode: 503,
      request: { requestId: "r" },
      error: { code: "OUT_OF_TIME" },
    });
  });

  it("leaves no rejection unhandled, which would end the process", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.prependListener("unhandledRejection", note);
    const late = async () => {
      await sleep(200);
      throw new Error("after the answer");
    };
    await invoke({ stopEarlyMs: 190, answerEarlyMs: 180, run: late }, {}, { timeoutMs: 200 });
    await sleep(300);
    process.off("unhandledRejection", note);

    expect(unhandled).toEqual([]);
  });

  it("of one invocation does not stop its neighbour in the same process", async () => {
    const handler = createHandler({
      env: {},
      stopEarlyMs: 300,
      answerEarlyMs: 200,
      run: async ({ input, signal }) => {
        if (input === "slow") await sleep(2000, undefined, { ref: false });
        await sleep(500);
        return { aborted: signal.aborted };
      },
    });
    const { result } = await capturingStdout(() =>
      Promise.all([
        handler("slow", new FakeContext({ timeoutMs: 350 })),
        handler("quick", new FakeContext({ timeoutMs: 60_000 })),
      ]),
    );

    expect(result).toMatchObject([{ error: { code: "OUT_OF_TIME" } }, { aborted: false }]);
  });

  it("leaves no timer behind once the work is done", async () => {
    const timers = () => process.getActiveResourcesInfo().filter((each) => each === "Timeout").length;
    const before = timers();
    await invoke({ run: ok }, {}, { timeoutMs: 3_600_000 });
    await invoke({ run: () => Promise.reject(new Error("boom")) }, {}, { timeoutMs: 3_600_000 });

    expect(timers()).toBe(before);
  });
});

describe("the log of a function", () => {
  it("goes through process.stdout.write, each line with the request id and the run", async () => {
    const { lines } = await invoke(
      {
        run: async ({ logger }) => {
          logger.warn({ mesh: "prod-mesh" }, "careful");
          return { statusCode: 200 };
        },
      },
      {},
      { requestId: "req-7", workflowRunId: "run-9" },
    );

    expect(lines).toMatchObject([
      { requestId: "req-7", run: "run-9", function: "some-function", mesh: "prod-mesh", msg: "careful" },
      { requestId: "req-7", run: "run-9", statusCode: 200, msg: "answered" },
    ]);
  });

  it("tells the request id although another request has started since", async () => {
    const handler = createHandler({
      env: {},
      run: async ({ input, logger }) => {
        if (input === "first") await sleep(50);
        logger.info({ input }, "working");
      },
    });
    const { lines } = await capturingStdout(() =>
      Promise.all([
        handler("first", new FakeContext({ requestId: "r-first" })),
        handler("second", new FakeContext({ requestId: "r-second" })),
      ]),
    );
    const working = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "working");

    expect(working).toMatchObject([
      { input: "second", requestId: "r-second" },
      { input: "first", requestId: "r-first" },
    ]);
  });

  it("holds no secret, whatever is logged", async () => {
    const { lines } = await invoke(
      {
        run: async ({ logger, config, credentials }) => {
          logger.info({ config, credentials: await credentials.get() }, "everything");
          throw new Error("boom");
        },
      },
      {},
      {
        agency,
        userData: { MESHFLOW_WEBHOOK_URL: "https://h/x", MESHFLOW_WEBHOOK_SECRET: "whsec_aGVsbG8=" },
      },
    );
    const text = JSON.stringify(lines);

    expect(lines[0]).toMatchObject({ credentials: { secretKey: "[redacted]", securityToken: "[redacted]" } });
    expect(text).not.toContain("temporary-sk");
    expect(text).not.toContain("temporary-token");
    expect(text).not.toContain("whsec_aGVsbG8=");
  });

  it("is as detailed as MESHFLOW_LOG_LEVEL says", async () => {
    const run: HandlerOptions<unknown>["run"] = async ({ logger }) => logger.debug("details");
    const quiet = await invoke({ run }, {});
    const silent = await invoke({ run }, {}, { userData: { MESHFLOW_LOG_LEVEL: "silent" } });
    const loud = await invoke({ run }, {}, { userData: { MESHFLOW_LOG_LEVEL: "debug" } });

    expect(quiet.lines.map(({ msg }) => msg)).toEqual(["answered"]);
    expect(silent.lines).toEqual([]);
    expect(loud.lines.map(({ msg }) => msg)).toEqual(["details", "answered"]);
  });
});

describe("an answer to API Gateway", () => {
  it("always has all four members", async () => {
    const plain = await invoke({ run: async () => ({ statusCode: 202, state: "queued" }) }, apigEvent);
    const nothing = await invoke({ run: async () => undefined }, apigEvent);

    expect(plain.result).toEqual({
      statusCode: 202,
      headers: { "content-type": "application/json" },
      body: '{"statusCode":202,"state":"queued"}',
      isBase64Encoded: false,
    });
    expect(nothing.result).toMatchObject({ statusCode: 200, body: "null", isBase64Encoded: false });
  });

  it("is left alone when it has them", async () => {
    const own = { statusCode: 200, headers: { "x-a": "b" }, body: "b2s=", isBase64Encoded: true };

    expect((await invoke({ run: async () => own }, apigEvent)).result).toEqual(own);
  });

  it("says what is wrong with the request, and of the function only where to look", async () => {
    const input = z.looseObject({ nothing: z.string("must be a text") });
    const invalid = await invoke({ input, run: ok }, apigEvent, { requestId: "r-1" });
    const broken = await invoke({ run: () => Promise.reject(new Error("internal-detail")) }, apigEvent);

    expect(invalid.result).toMatchObject({ statusCode: 400, isBase64Encoded: false });
    expect(JSON.parse((invalid.result as { body: string }).body)).toEqual({
      error: {
        code: "INVALID_REQUEST",
        message: "The request is not valid:\n  nothing: must be a text",
        requestId: "r-1",
      },
    });
    expect(broken.result).toEqual({
      statusCode: 503,
      headers: { "content-type": "application/json" },
      body: '{"error":{"code":"UNAVAILABLE","message":"This cannot be answered now: see the function\'s log.","requestId":"request-1"}}',
      isBase64Encoded: false,
    });
    expect(broken.lines[0]).toMatchObject({ err: { message: "internal-detail" } });
  });
});

async function ok() {
  return { statusCode: 200 };
}
