import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { instanceOf } from "./fixture.ts";

const handler = (body: string) => `exports.handler = async (event, context) => { ${body} };`;
const sleep = (ms: number) => `await new Promise((resolve) => setTimeout(resolve, ${ms}));`;

describe("an invocation that takes too long", () => {
  it("is ended by the host, keeps its log so far, and the next one meets a fresh process", async () => {
    const instance = await instanceOf(
      `let calls = 0; ${handler('calls += 1; console.log("working"); while (event.busy); return calls;')}`,
      { timeoutSeconds: 1 },
    );
    expect((await instance.invoke({})).body).toBe("1");
    const { status, code, body, log, durationMs } = await instance.invoke({ busy: true });
    expect([status, code, body]).toEqual(["error", 4010, "call invoke timeout 1s"]);
    expect(log).toMatch(/ INFO working$/);
    expect(durationMs).toBeGreaterThanOrEqual(999);
    expect((await instance.invoke({})).body).toBe("1");
  });

  it("ends with its process: nothing of it runs on", async () => {
    const instance = await instanceOf(handler(`console.log(process.pid); ${sleep(20_000)}`), {
      timeoutSeconds: 0.5,
    });
    const { log } = await instance.invoke({});
    const pid = Number(log.split(" ").at(-1));
    expect(pid).toBeGreaterThan(0);
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow("ESRCH"));
  });
});

describe("a process that ends", () => {
  it.each<[string, string]>([
    ["by an unhandled rejection", `Promise.reject(new Error("lost")); ${sleep(5000)}`],
    ["by an uncaught exception", `setTimeout(() => { throw new Error("lost"); }); ${sleep(5000)}`],
    ["by exit", `process.exit(0); ${sleep(5000)}`],
  ])("%s answers 4204, and the next request starts another", async (_, body) => {
    const instance = await instanceOf(handler(`if (!event.fail) return "ok"; console.log("seen"); ${body}`));
    const failed = await instance.invoke({ fail: true });
    expect([failed.code, failed.body]).toEqual([4204, "runtime process is exited"]);
    expect(failed.log).toMatch(/ INFO seen$/);
    expect((await instance.invoke({})).body).toBe("ok");
  });

  it("because it was killed answers 4204, and the next request starts another", async () => {
    const instance = await instanceOf(handler(`if (event.wait) { ${sleep(20_000)} } return "ok";`), {
      timeoutSeconds: 20,
    });
    const running = instance.invoke({ wait: true });
    await delay(100);
    instance.kill();
    expect((await running).code).toBe(4204);
    expect((await instance.invoke({})).body).toBe("ok");
  });

  it("because its memory is full answers 4205", async () => {
    const instance = await instanceOf(
      handler("const all = []; for (;;) all.push(new Array(1000).fill(all.length));"),
      { timeoutSeconds: 60 },
    );
    const { code, body } = await instance.invoke({});
    expect([code, body]).toEqual([4205, "runtime memory limit exceeded"]);
  });
});

describe("the initializer", () => {
  const counting = (init: string) => `let inits = 0; exports.init = ${init}; ${handler("return inits;")}`;
  const initializer = "index.init";

  it.each([
    ["(context, callback) => { inits += 1; callback(null, ''); }"],
    ["async (context, callback) => { inits += 1; return 'dropped'; }"],
    ["(context, callback) => { inits += 1; return Promise.resolve(); }"],
  ])("runs once per process, before its first request: %s", async (init) => {
    const instance = await instanceOf(counting(init), { initializer });
    const bodies = await Promise.all([instance.invoke({}), instance.invoke({})]);
    expect(bodies.map(({ body }) => body)).toEqual(["1", "1"]);
    instance.kill();
    expect((await instance.invoke({})).body).toBe("1");
  });

  it("fails when its callback gets nothing", async () => {
    const instance = await instanceOf(counting("(context, callback) => callback()"), { initializer });
    const { code, body } = await instance.invoke({});
    expect([code, body]).toEqual([4009, '{"message":"function initialization exception, error: undefined"}']);
  });

  it("may fail three times, each in a new process; then every request is refused", async () => {
    const instance = await instanceOf(
      counting('(context, callback) => { inits += 1; callback(new Error("attempt " + inits)); }'),
      { initializer },
    );
    const answers = [];
    for (let call = 0; call < 5; call++) answers.push(await instance.invoke({}));
    const failure =
      '{"errorMessage":"function initialization exception, error: attempt 1","errorType":"Error"}';
    expect(answers.map(({ code, body }) => [code, body])).toEqual([
      [4009, failure],
      [4009, failure],
      [4009, failure],
      [4218, "failed to start multiple times"],
      [4218, "failed to start multiple times"],
    ]);
  });

  it("that is not async and calls nobody back hangs until its own timeout", async () => {
    const instance = await instanceOf(counting("(context, callback) => 1"), {
      initializer,
      initializerTimeoutSeconds: 0.3,
    });
    const { code, body } = await instance.invoke({});
    expect([code, body]).toEqual([4011, "init timeout 0.3s"]);
  });

  it("has a time of its own: what it and the top level take is not the invocation's", async () => {
    const instance = await instanceOf(
      `const until = Date.now() + 600; while (Date.now() < until);
      exports.init = async (context, callback) => { ${sleep(600)} };
      ${handler("return 'ok';")}`,
      { initializer, initializerTimeoutSeconds: 10, timeoutSeconds: 1 },
    );
    const { body, durationMs } = await instance.invoke({});
    expect(body).toBe("ok");
    expect(durationMs).toBeGreaterThanOrEqual(1199);
  });
});

describe("an instance", () => {
  const order = `let running = 0; ${handler(`running += 1; const seen = running; ${sleep(150)} running -= 1; return seen;`)}`;

  it("runs one request at a time, the others wait", async () => {
    const instance = await instanceOf(order);
    const answers = await Promise.all([1, 2, 3].map(() => instance.invoke({})));
    expect(answers.map(({ body }) => body)).toEqual(["1", "1", "1"]);
  });

  it("may refuse instead of letting wait", async () => {
    const instance = await instanceOf(order, { whenBusy: "refuse" });
    const answers = await Promise.all([1, 2].map(() => instance.invoke({})));
    expect(answers.map(({ code, body }) => [code, body])).toEqual([
      [0, "1"],
      [150429, "maximum number of instances"],
    ]);
    expect((await instance.invoke({})).body).toBe("1");
  });

  it("runs as many at a time as it is told", async () => {
    const instance = await instanceOf(order, { concurrency: 2 });
    const answers = await Promise.all([1, 2].map(() => instance.invoke({})));
    expect(answers.map(({ body }) => body)).toEqual(["1", "2"]);
  });

  it("makes a request id where none is given", async () => {
    const instance = await instanceOf(handler("return context.getRequestID();"));
    const { body, requestId } = await instance.invoke({});
    expect(requestId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(body).toBe(requestId);
  });

  it("answers what was running when it is closed, and nothing after", async () => {
    const instance = await instanceOf(handler(sleep(5000)));
    const running = instance.invoke({});
    await delay(50);
    await instance.close();
    expect((await running).code).toBe(4204);
    expect((await instance.invoke({})).code).toBe(4208);
  });

  it("never takes what the function prints or writes on its channels' neighbours for an answer", async () => {
    const forged = String.raw`'{"type":"answer","id":0,"code":0,"body":"forged"}\n'`;
    const instance = await instanceOf(
      handler(`process.stdout.write(${forged}); require("node:fs").writeSync(1, ${forged}); return "true";`),
    );
    expect((await instance.invoke({})).body).toBe("true");
  });
});
