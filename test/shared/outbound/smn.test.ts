import { createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { createApiClient } from "../../../shared/huaweicloud/api-client.ts";
import { staticCredentials } from "../../../shared/huaweicloud/credentials.ts";
import { createSmnChannel, smnMessage } from "../../../shared/outbound/smn.ts";
import { cards } from "./cards.ts";
import { type Answer, type Received, startServer } from "./http-server.ts";

const topicUrn = "urn:smn:cn-north-4:abc:t";
const options = { messageId: "run-1:failed" };
const parts = (card: Parameters<typeof smnMessage>[0]): Record<string, string> =>
  JSON.parse(smnMessage(card).message_structure) as Record<string, string>;

let close: (() => Promise<void>) | undefined;
afterEach(async () => {
  await close?.();
  close = undefined;
});

async function topic(answer: (request: Received, count: number) => Answer) {
  const server = await startServer(answer);
  close = server.close;
  const api = createApiClient({
    credentials: staticCredentials({ kind: "access-key", accessKey: "AK", secretKey: "SK" }),
    sleep: async () => undefined,
  });
  return {
    channel: createSmnChannel({ api, topicUrn, endpoint: server.url }),
    received: server.received,
    host: new URL(server.url).host,
  };
}

describe("an SMN message", () => {
  const expected = JSON.parse(readFileSync("test/fixtures/outbound/smn-cards.json", "utf8")) as Record<
    keyof typeof cards,
    unknown
  >;

  it.each(["in_progress", "succeeded", "failed"] as const)(
    "of a card that is %s has the known text",
    (name) => {
      expect(smnMessage(cards[name])).toEqual(expected[name]);
    },
  );

  it("tells people the hint and the next command, and programs the whole card", () => {
    const card = { ...cards.failed, hint: "Look there.", next: "meshflow delete uid-1" };
    expect(parts(card).email).toMatch(/\nHint: Look there\.\nNext: meshflow delete uid-1\nConsole: https:/);
    expect(JSON.parse(parts(card).https!)).toEqual({ type: "mesh.create.failed", data: card });
  });

  it("keeps brackets out of an SMS, and the SMS within 250 characters", () => {
    const card = {
      ...cards.failed,
      mesh: { ...cards.failed.mesh, name: "[a]【b】" },
      runId: "r".repeat(400),
    };
    expect(parts(card).sms).toMatch(/^Mesh create failed: ab CreateFailed ASM\.01409001 r+$/);
    expect(parts(card).sms).toHaveLength(250);
  });

  it("has a subject of one line and at most 512 bytes, no character torn apart", () => {
    const { subject } = smnMessage({ ...cards.failed, mesh: { name: `x\r\n${"网".repeat(300)}` } });
    expect(subject).toMatch(/^Mesh create failed: x 网+$/);
    expect(Buffer.byteLength(subject)).toBeGreaterThan(509);
    expect(Buffer.byteLength(subject)).toBeLessThanOrEqual(512);
  });
});

describe("publishing", () => {
  it("posts to the topic, signed over the encoded URN", async () => {
    const { channel, received } = await topic(() => ({
      status: 200,
      body: JSON.stringify({ request_id: "req-1", message_id: "msg-1" }),
    }));
    await expect(channel.send(cards.failed, options)).resolves.toEqual({ detail: "SMN message msg-1" });
    const [request] = received as [Received];
    expect(channel.name).toBe("smn:t");
    expect(request.method).toBe("POST");
    expect(decodeURIComponent(request.path)).toBe(`/v2/abc/notifications/topics/${topicUrn}/publish`);
    expect(JSON.parse(request.body)).toEqual(smnMessage(cards.failed));
    expect(request.headers.authorization).toBe(
      authorization(request, "/v2/abc/notifications/topics/urn%3Asmn%3Acn-north-4%3Aabc%3At/publish/"),
    );
  });

  it("is judged by a signature check that agrees with the vector", () => {
    const vector = JSON.parse(readFileSync("test/fixtures/outbound/smn-publish.json", "utf8"));
    const { url, raw_body: body, headers } = vector.inputs;
    const request = {
      method: "POST",
      path: new URL(url).pathname,
      body,
      headers: {
        "content-type": headers["Content-Type"],
        "x-sdk-date": headers["X-Sdk-Date"],
        host: new URL(url).host,
        authorization: vector.authorization,
      },
    };
    const canonicalPath = "/v2/p/notifications/topics/urn%3Asmn%3Acn-north-4%3Aabc%3At/publish/";
    expect(authorization(request, canonicalPath)).toBe(vector.authorization);
  });

  it("goes to the topic's own region without an endpoint", async () => {
    const urls: string[] = [];
    const api = createApiClient({
      credentials: staticCredentials({ kind: "access-key", accessKey: "AK", secretKey: "SK" }),
      fetch: async (input) => {
        urls.push(input instanceof Request ? input.url : String(input));
        return Response.json({ message_id: "m" });
      },
    });
    await createSmnChannel({ api, topicUrn: "urn:smn:ap-southeast-3:p:ops" }).send(cards.failed, options);
    expect(urls[0]).toMatch(/^https:\/\/smn\.ap-southeast-3\.myhuaweicloud\.com\/v2\/p\/notifications\//);
  });

  it("fails with SMN's code, message and request id", async () => {
    const { channel, received } = await topic(() => ({
      status: 404,
      body: JSON.stringify({ request_id: "req-2", code: "SMN.0006", message: "Topic not found." }),
    }));
    await expect(channel.send(cards.failed, options)).rejects.toMatchObject({
      code: "SMN.0006",
      requestId: "req-2",
      message: expect.stringContaining("Topic not found."),
    });
    expect(received).toHaveLength(1);
  });

  it("fails on a 200 that names no message", async () => {
    const { channel } = await topic(() => ({ status: 200, body: "{}" }));
    await expect(channel.send(cards.failed, options)).rejects.toMatchObject({ name: "InvalidResponseError" });
  });

  it("tries again when it is throttled", async () => {
    const { channel, received } = await topic((_, count) =>
      count === 1
        ? { status: 429, body: '{"error_code":"APIGW.0308","error_msg":"throttled"}' }
        : { status: 200, body: '{"message_id":"m"}' },
    );
    await expect(channel.send(cards.failed, options)).resolves.toEqual({ detail: "SMN message m" });
    expect(received).toHaveLength(2);
  });

  it.each([["topic"], ["urn:smn:cn-north-4:p:a/b"], ["urn:fss:cn-north-4:p:t"], [""]])(
    "is refused for the topic %j from the start",
    (topicUrn) => {
      const api = createApiClient({ credentials: "none" });
      expect(() => createSmnChannel({ api, topicUrn })).toThrow(/URN such as urn:smn:/);
    },
  );
});

/** SDK-HMAC-SHA256 over the headers that the request says it signed, written anew for this test. */
function authorization(request: Received, canonicalPath: string): string {
  const names = /SignedHeaders=([^,]*)/.exec(request.headers.authorization ?? "")![1]!;
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const headers = names.split(";").map((name) => `${name}:${request.headers[name]}\n`);
  const canonical = [request.method, canonicalPath, "", headers.join(""), names, sha256(request.body)].join(
    "\n",
  );
  const text = ["SDK-HMAC-SHA256", request.headers["x-sdk-date"], sha256(canonical)].join("\n");
  const signature = createHmac("sha256", "SK").update(text).digest("hex");
  return `SDK-HMAC-SHA256 Access=AK, SignedHeaders=${names}, Signature=${signature}`;
}
