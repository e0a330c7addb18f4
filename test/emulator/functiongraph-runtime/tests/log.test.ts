import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { instanceOf } from "./fixture.ts";

const handler = (body: string) => `exports.handler = async (event, context) => { ${body} };`;

describe("the function's log", () => {
  it("has what is written to stdout as INFO and to stderr as ERROR, under the request's id", async () => {
    const instance = await instanceOf(
      handler('console.log("a", { b: 1 }); console.error("c"); process.stdout.write("d\\ne\\n");'),
    );
    const { log } = await instance.invoke({}, { requestId: "r1" });
    expect(log).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z r1 INFO a \{ b: 1 \}\n/);
    expect(instance.logLines()).toEqual([
      { requestId: "r1", level: "INFO", text: "a { b: 1 }" },
      { requestId: "r1", level: "ERROR", text: "c" },
      { requestId: "r1", level: "INFO", text: "d\ne" },
    ]);
  });

  it("shows a Buffer as one, and a write answers nothing and calls nobody back", async () => {
    const instance = await instanceOf(
      handler(`let called = false;
        const answer = process.stdout.write(Buffer.from("bu"), "utf8", () => { called = true; });
        await new Promise((resolve) => setTimeout(resolve, 20));
        return [answer === undefined, called];`),
    );
    const { body } = await instance.invoke({});
    expect(body).toBe("[true,false]");
    expect(instance.logLines().map(({ text }) => text)).toEqual(["<Buffer 62 75>"]);
  });

  it("takes printf-style lines of the context's logger, from INFO on until setLevel", async () => {
    const instance = await instanceOf(
      handler(`const logger = context.getLogger();
        logger.debug("dropped");
        logger.info("%s has %d clusters", "mesh-a", 2);
        logger.warn("slow", { ms: 5 });
        logger.error("bad");
        logger.setLevel("DEBUG");
        logger.debug("kept");
        logger.setLevel("ERROR");
        logger.warn("dropped");`),
    );
    await instance.invoke({}, { requestId: "r1" });
    expect(instance.logLines()).toEqual([
      { requestId: "r1", level: "INFO", text: "mesh-a has 2 clusters" },
      { requestId: "r1", level: "WARN", text: "slow { ms: 5 }" },
      { requestId: "r1", level: "ERROR", text: "bad" },
      { requestId: "r1", level: "DEBUG", text: "kept" },
    ]);
  });

  it("splits lines over 90 KiB", async () => {
    const instance = await instanceOf(handler('context.getLogger().info("x".repeat(92161));'));
    await instance.invoke({});
    expect(instance.logLines().map(({ text }) => text.length)).toEqual([92_160, 1]);
  });

  it("gives printed lines the id of the request that started last, logger lines their own", async () => {
    const instance = await instanceOf(
      handler(`await new Promise((resolve) => setTimeout(resolve, event.ms));
        console.log("printed by", context.getRequestID());
        context.getLogger().info("logged");`),
      { concurrency: 2 },
    );
    await Promise.all([
      instance.invoke({ ms: 100 }, { requestId: "r1" }),
      instance.invoke({ ms: 400 }, { requestId: "r2" }),
    ]);
    expect(instance.logLines()).toEqual([
      { requestId: "r2", level: "INFO", text: "printed by r1" },
      { requestId: "r1", level: "INFO", text: "logged" },
      { requestId: "r2", level: "INFO", text: "printed by r2" },
      { requestId: "r2", level: "INFO", text: "logged" },
    ]);
  });

  it("does not have what is written to file descriptor 1 directly", async () => {
    const instance = await instanceOf(handler('require("node:fs").writeSync(1, "bypassed"); return "ok";'));
    const { log, body } = await instance.invoke({});
    await instance.close();
    expect([log, body, instance.uncollected()]).toEqual(["", "ok", "bypassed"]);
  });

  it("has what runs on after the answer, but the answer has not", async () => {
    const instance = await instanceOf(handler('setTimeout(console.log, 50, "late"); return "ok";'));
    expect((await instance.invoke({}, { requestId: "r1" })).log).toBe("");
    await expect.poll(() => instance.logLines()).toEqual([{ requestId: "r1", level: "INFO", text: "late" }]);
  });

  it("has pino's lines from its default destination, and not from one on file descriptor 1", async () => {
    const contents = `
      import pino from "pino";
      const [collected, bypassed] = [pino({ base: null, timestamp: false }), pino(pino.destination({ fd: 1, sync: true }))];
      export const handler = async (event, context) => {
        collected.info({ requestId: context.getRequestID() }, "collected");
        bypassed.info("bypassed");
      };
    `;
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: "." },
      bundle: true,
      platform: "node",
      target: "node20.15",
      format: "cjs",
      write: false,
    });
    const instance = await instanceOf(outputFiles[0]?.text ?? "");
    await instance.invoke({}, { requestId: "r1" });
    await instance.close();
    expect(instance.logLines()).toEqual([
      { requestId: "r1", level: "INFO", text: '{"level":30,"requestId":"r1","msg":"collected"}' },
    ]);
    expect(instance.uncollected()).toContain('"msg":"bypassed"');
  });
});
