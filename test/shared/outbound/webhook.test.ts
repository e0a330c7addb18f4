import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, it } from "vitest";
import { createWebhookChannel, decodeSecret, signWebhook } from "../../../shared/outbound/webhook.ts";
import { cards } from "./cards.ts";
import { type Answer, type Received, startServer } from "./http-server.ts";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const newer = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const messageId = "run-1:succeeded";

let close: (() => Promise<void>) | undefined;
afterEach(async () => {
  await close?.();
  close = undefined;
});

async function hook(answer: (request: Received, count: number) => Answer, more: object = {}) {
  const server = await startServer(answer);
  close = server.close;
  const waits: number[] = [];
  let clock = Date.now();
  const channel = createWebhookChannel({
    url: `${server.url}/hooks/TOPSECRETPATH?key=TOPSECRETKEY`,
    secrets: secret,
    now: () => clock,
    random: () => 0.5,
    sleep: async (ms) => {
      waits.push(ms);
      clock += ms;
    },
    ...more,
  });
  return { channel, waits, received: server.received, host: new URL(server.url).host };
}

const headersOf = (request: Received) => request.headers as Record<string, string>;

describe("signature", () => {
  const vectors = JSON.parse(readFileSync("test/fixtures/outbound/standard-webhooks.json", "utf8")) as {
    id: string;
    secret: string;
    body: string;
    headers: Record<string, string>;
  }[];

  it.each(vectors)("is that of the vector $id", ({ secret, body, headers }) => {
    const { "webhook-id": id = "", "webhook-timestamp": timestamp = "" } = headers;
    expect(signWebhook([decodeSecret(secret)], id, timestamp, body)).toBe(headers["webhook-signature"]);
  });

  it("is accepted by the reference library", async () => {
    const { channel, received } = await hook(() => ({ status: 204 }));
    await channel.send(cards.succeeded, { messageId });
    const [request] = received as [Received];
    expect(new Webhook(secret).verify(request.body, headersOf(request))).toEqual({
      type: "mesh.create.succeeded",
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      data: cards.succeeded,
    });
    expect(request.headers["content-type"]).toBe("application/json");
    expect(request.method).toBe("POST");
    expect(request.path).toBe("/hooks/TOPSECRETPATH?key=TOPSECRETKEY");
  });

  it("is made with every secret while one replaces another", async () => {
    const { channel, received } = await hook(() => ({ status: 200 }), { secrets: [secret, newer] });
    await channel.send(cards.succeeded, { messageId });
    const [request] = received as [Received];
    expect(request.headers["webhook-signature"]).toMatch(/^v1,\S+ v1,\S+$/);
    for (const each of [secret, newer]) {
      expect(() => new Webhook(each).verify(request.body, headersOf(request))).not.toThrow();
    }
  });
});

describe("sending", () => {
  it("tries again after 500, 408, 429 and a reset, with the same id and a fresh timestamp", async () => {
    const answers: Answer[] = [{ status: 500 }, "reset", { status: 429 }, { status: 202 }];
    const { channel, waits, received } = await hook((_, count) => answers[count - 1]!);
    await expect(channel.send(cards.failed, { messageId })).resolves.toEqual({ detail: "202 at attempt 4" });
    expect(waits).toEqual([1000, 2000, 4000]);
    expect(received.map(({ headers }) => headers["webhook-id"])).toEqual(Array(4).fill(messageId));
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
    const times = received.map(({ headers }) => Number(headers["webhook-timestamp"]));
    expect(times.map((time) => time - times[0]!)).toEqual([0, 1, 3, 7]);
  });

  it("waits as long as Retry-After says", async () => {
    const { channel, waits } = await hook((_, count) =>
      count === 1 ? { status: 503, headers: { "retry-after": "17" } } : { status: 200 },
    );
    await channel.send(cards.failed, { messageId });
    expect(waits).toEqual([17_000]);
  });

  it("reads a Retry-After that is a date", async () => {
    const at = Math.ceil(Date.now() / 1000) * 1000 + 40_000;
    const { channel, waits } = await hook((_, count) =>
      count === 1 ? { status: 429, headers: { "retry-after": new Date(at).toUTCString() } } : { status: 200 },
    );
    await channel.send(cards.failed, { messageId });
    expect(waits[0]).toBeGreaterThan(38_000);
    expect(waits[0]).toBeLessThanOrEqual(41_000);
  });

  it("gives up when asked to wait longer than a minute", async () => {
    const { channel, received } = await hook(() => ({ status: 429, headers: { "retry-after": "3600" } }));
    await expect(channel.send(cards.failed, { messageId })).rejects.toThrow(
      /answered 429 and asks to wait 3600 s$/,
    );
    expect(received).toHaveLength(1);
  });

  it("never follows a redirect", async () => {
    const { channel, received } = await hook(() => ({ status: 307, headers: { location: "/elsewhere" } }));
    await expect(channel.send(cards.failed, { messageId })).rejects.toThrow(
      /answered 307, a redirect, which is not followed$/,
    );
    expect(received).toHaveLength(1);
  });

  it.each([400, 401, 404, 410])("fails at once on %i", async (status) => {
    const { channel, received } = await hook(() => ({ status }));
    await expect(channel.send(cards.failed, { messageId })).rejects.toThrow(`answered ${status}`);
    expect(received).toHaveLength(1);
  });

  it("fails after the last attempt", async () => {
    const { channel, received } = await hook(() => ({ status: 502 }), { attempts: 3 });
    await expect(channel.send(cards.failed, { messageId })).rejects.toThrow("answered 502");
    expect(received).toHaveLength(3);
  });

  it("gives each attempt its own time limit", async () => {
    const { channel, received } = await hook((_, count) => (count === 1 ? "silence" : { status: 200 }), {
      timeoutMs: 100,
    });
    await expect(channel.send(cards.failed, { messageId })).resolves.toEqual({ detail: "200 at attempt 2" });
    expect(received).toHaveLength(2);
  });

  it("stops at once when aborted", async () => {
    const controller = new AbortController();
    const { channel, received } = await hook(() => {
      controller.abort(new Error("stopped"));
      return "silence";
    });
    await expect(channel.send(cards.failed, { messageId, signal: controller.signal })).rejects.toThrow(
      "stopped",
    );
    expect(received).toHaveLength(1);
  });
});

describe("secrets", () => {
  const leaks = /TOPSECRET|MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw/;
  const everythingOf = (error: unknown): string => {
    const { stack, cause, ...rest } = error as Error;
    return `${error} ${stack} ${JSON.stringify(rest)} ${cause ? everythingOf(cause) : ""}`;
  };

  it.each<[string, Answer]>([
    ["a refusal", { status: 403, body: "no" }],
    ["a redirect", { status: 302 }],
    ["a reset", "reset"],
  ])("stay out of the error after %s", async (_, answer) => {
    const { channel, host } = await hook(() => answer);
    expect(channel.name).toBe(`webhook:${host}`);
    const error: unknown = await channel.send(cards.failed, { messageId }).catch((error: unknown) => error);
    expect(everythingOf(error)).toContain(`POST http://${host}/…`);
    expect(everythingOf(error)).not.toMatch(leaks);
  });

  it.each([
    ["no URL", "TOPSECRET", secret],
    ["another scheme", "ftp://TOPSECRET/", secret],
    ["a user in the URL", "https://me:TOPSECRET@example.com/", secret],
    ["a secret that is not base64", "https://example.com/", "whsec_TOPSECRET!"],
    ["an empty secret", "https://example.com/TOPSECRET", "whsec_"],
  ])("stay out of the error about %s", (_, url, secrets) => {
    const make = () => createWebhookChannel({ url, secrets });
    expect(make).toThrow(TypeError);
    try {
      make();
    } catch (error) {
      expect(everythingOf(error)).not.toMatch(leaks);
      expect(JSON.stringify(error)).not.toMatch(leaks);
    }
  });
});
