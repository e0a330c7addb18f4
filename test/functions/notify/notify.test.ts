import { describe, expect, it } from "vitest";
import { notify } from "../../../functions/notify/notify.ts";
import type { Card } from "../../../shared/outbound/card.ts";
import type { Channel } from "../../../shared/outbound/channel.ts";
import { executionId } from "../../../shared/request/execution-id.ts";
import { at, createRequest, deleteByUid, start } from "../world.ts";

const mesh = { name: "prod-mesh", uid: "uid-1", phase: "Running", version: "1.18.7-r5" };
const runId = executionId("req-1");
const seams = { now: () => start + 90_000, region: "cn-north-4" };

function inbox(name = "inbox", send: Channel["send"] = async () => ({})) {
  const got: { card: Card; messageId: string }[] = [];
  const channel: Channel = {
    name,
    send: async (card, options) => {
      got.push({ card, messageId: options.messageId });
      return send(card, options);
    },
  };
  return { channel, got };
}

const broken = (name: string) => inbox(name, () => Promise.reject(new Error(`${name} is closed`))).channel;

describe("notify", () => {
  it("tells everyone of a success and keeps what became of the mesh", async () => {
    const first = inbox("first", async () => ({ detail: "204" }));
    const second = inbox("second");
    const input = { request: createRequest, statusCode: 200, mesh, observed: { Creating: 3, Running: 1 } };
    const channels = [first.channel, second.channel];
    const messageId = `${runId}:succeeded`;
    expect(await notify(input, { ...seams, channels })).toEqual({
      statusCode: 200,
      request: createRequest,
      mesh,
      observed: { Creating: 3, Running: 1 },
      outcome: "succeeded",
      result: { statusCode: 200 },
      deliveries: [
        { destination: "first", status: "delivered", messageId, at: at(90), detail: "204" },
        { destination: "second", status: "delivered", messageId, at: at(90) },
      ],
    });
    expect(first.got).toEqual(second.got);
    expect(first.got).toEqual([
      {
        messageId,
        card: {
          op: "create",
          outcome: "succeeded",
          runId,
          mesh,
          region: "cn-north-4",
          attempt: 1,
          elapsedMs: 90_000,
          actor: "cli",
          links: { console: "https://console.huaweicloud.com/asm/?region=cn-north-4#/mesh/uid-1" },
          observed: { Creating: 3, Running: 1 },
        },
      },
    ]);
  });

  it.each([
    [504, "timed_out", 504],
    [202, "timed_out", 504],
    [422, "failed", 422],
    [409, "failed", 409],
    [503, "failed", 503],
    [undefined, "failed", 503],
    ["200", "failed", 503],
  ] as const)("reads statusCode %s as %s and answers %i", async (statusCode, outcome, answered) => {
    const { channel, got } = inbox();
    const error = { code: "X", message: "why", requestId: "huawei-7", hint: "do this" };
    const result = await notify(
      { request: createRequest, statusCode, mesh, error },
      { ...seams, channels: [channel] },
    );
    expect(result).toMatchObject({
      statusCode: answered,
      outcome,
      error,
      result: { statusCode: answered, error },
      deliveries: [{ status: "delivered", messageId: `${runId}:${outcome}` }],
    });
    expect(got[0]?.card).toMatchObject({
      outcome,
      requestId: "huawei-7",
      error: { code: "X", message: "why" },
      hint: "do this",
    });
  });

  it("explains a 202 that nobody waits for any more, and a step without a result", async () => {
    const { channel, got } = inbox();
    await notify({ request: createRequest, statusCode: 202, mesh }, { ...seams, channels: [channel] });
    await notify({ request: createRequest }, { ...seams, channels: [channel] });
    expect(got.map(({ card }) => card.error?.code)).toEqual(["STOPPED_WAITING", "NO_RESULT"]);
  });

  it("tells of a cancel when it is told so", async () => {
    const { channel, got } = inbox();
    const input = { request: createRequest, outcome: "cancelled", mesh };
    expect(await notify(input, { ...seams, channels: [channel] })).toMatchObject({ outcome: "cancelled" });
    expect(got[0]?.card).toMatchObject({ outcome: "cancelled", next: "meshflow delete uid-1" });
  });

  it("tells of a request that was refused because it could not be read", async () => {
    const { channel, got } = inbox();
    const request = { action: "delete", mesh: 7, actor: "me", requestedAt: 5 };
    const error = { code: "INVALID_REQUEST", message: "The request is not valid" };
    const result = await notify({ request, statusCode: 400, error }, { ...seams, channels: [channel] });
    expect(result).toMatchObject({ statusCode: 400, request, outcome: "failed" });
    expect(got[0]?.card).toMatchObject({
      op: "delete",
      runId: "unknown",
      mesh: { name: "(unnamed)" },
      error,
    });
  });

  it("gives the same message id each time, from the run id it is given first", async () => {
    const { channel, got } = inbox();
    const input = { request: deleteByUid, statusCode: 200 };
    await notify(input, { ...seams, channels: [channel] });
    await notify(input, { ...seams, channels: [channel], now: () => start + 999_000 });
    await notify(input, { ...seams, channels: [channel], runId: "run-9" });
    await notify({ ...input, runId: "run-3" }, { ...seams, channels: [channel], runId: "run-9" });
    expect(got.map(({ messageId }) => messageId)).toEqual([
      `${runId}:succeeded`,
      `${runId}:succeeded`,
      "run-9:succeeded",
      "run-3:succeeded",
    ]);
  });
});

describe("destinations", () => {
  it("that fail stop nobody", async () => {
    const throws: Channel = {
      name: "throws",
      send: () => {
        throw new Error("at once");
      },
    };
    const good = inbox("good");
    const channels = [broken("bad"), throws, good.channel];
    const result = await notify({ request: createRequest, statusCode: 200, mesh }, { ...seams, channels });
    expect(result).toMatchObject({
      statusCode: 200,
      deliveries: [
        { destination: "bad", status: "failed", detail: "bad is closed" },
        { destination: "throws", status: "failed", detail: "at once" },
        { destination: "good", status: "delivered" },
      ],
    });
    expect(result.error).toBeUndefined();
    expect(good.got).toHaveLength(1);
  });

  it("that all fail make it 502, which still says what became of the mesh", async () => {
    const channels = [broken("a"), broken("b")];
    expect(
      await notify({ request: createRequest, statusCode: 200, mesh }, { ...seams, channels }),
    ).toMatchObject({
      statusCode: 502,
      mesh,
      outcome: "succeeded",
      result: { statusCode: 200 },
      error: { code: "NOT_DELIVERED", message: "Nobody could be told. a: a is closed; b: b is closed" },
    });
    const error = { code: "CREATE_FAILED", message: "it failed" };
    const failed = { request: createRequest, statusCode: 422, mesh, error };
    expect(await notify(failed, { ...seams, channels })).toMatchObject({
      statusCode: 502,
      outcome: "failed",
      error,
      result: { statusCode: 422, error },
    });
  });

  it("that are none are no failure", async () => {
    const input = { request: createRequest, statusCode: 422, mesh };
    expect(await notify(input, { ...seams, channels: [] })).toMatchObject({
      statusCode: 422,
      deliveries: [],
    });
  });

  it("that hang are given up", async () => {
    const hangs = inbox("hangs", () => new Promise(() => undefined));
    const channels = [hangs.channel, inbox("good").channel];
    const input = { request: createRequest, statusCode: 200, mesh };
    expect(await notify(input, { ...seams, channels, channelTimeoutMs: 50 })).toMatchObject({
      statusCode: 200,
      deliveries: [
        { destination: "hangs", status: "failed", detail: "gave no answer in 50 ms" },
        { destination: "good", status: "delivered" },
      ],
    });
  });

  it("that heed the signal are stopped by it", async () => {
    const controller = new AbortController();
    const hangs = inbox("hangs", (_, { signal }) => {
      setImmediate(() => controller.abort(new Error("stopped")));
      return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    });
    const input = { request: createRequest, statusCode: 200 };
    const result = await notify(input, { ...seams, channels: [hangs.channel], signal: controller.signal });
    expect(result.deliveries).toMatchObject([{ status: "failed", detail: "stopped" }]);
  });

  it("are told only of what the request wants to hear", async () => {
    const told = async (on: string[] | undefined, statusCode: number) => {
      const { channel, got } = inbox();
      const request = { ...createRequest, notify: { on } };
      const result = await notify({ request, statusCode, mesh }, { ...seams, channels: [channel] });
      expect(result).toMatchObject({ statusCode, deliveries: got.length === 0 ? [] : [{}] });
      return got.length;
    };
    expect(await told(["failed", "timeout"], 200)).toBe(0);
    expect(await told(["failed", "timeout"], 504)).toBe(1);
    expect(await told(["failed", "timeout"], 422)).toBe(1);
    expect(await told([], 422)).toBe(0);
    expect(await told(undefined, 200)).toBe(1);
  });
});
