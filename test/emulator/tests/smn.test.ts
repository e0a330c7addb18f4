import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../emulator.ts";
import { call, send } from "./call.ts";

const START = Date.parse("2025-04-10T07:48:37Z");

describe("SMN", () => {
  let emulator: Emulator;
  let urn: string;
  beforeAll(async () => {
    emulator = await startEmulator({ now: () => START });
    urn = `urn:smn:cn-north-4:${emulator.defaults.projectId}:meshes`;
  });
  beforeEach(() => {
    emulator.reset();
    emulator.change({ topics: undefined });
  });
  afterAll(() => emulator.close());

  it("stores a message and answers with its id", async () => {
    const message_structure = JSON.stringify({ default: "It runs.", email: "It runs, by mail." });
    const body = { subject: "mesh-a runs", message_structure, time_to_live: "3600" };
    const answer = await publish(body);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      request_id: answer.headers.get("x-request-id"),
      message_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(emulator.published()).toEqual([
      {
        messageId: answer.body.message_id,
        requestId: answer.body.request_id,
        topicUrn: urn,
        at: "2025-04-10T07:48:37.000Z",
        subject: "mesh-a runs",
        structure: { default: "It runs.", email: "It runs, by mail." },
        body,
      },
    ]);
  });

  it("takes a plain message, and a template with tags", async () => {
    expect((await publish({ message: "hello" })).status).toBe(200);
    expect((await publish({ message_template_name: "t", tags: { a: "" } })).status).toBe(200);
    expect(emulator.published().map(({ message }) => message)).toEqual(["hello", undefined]);
  });

  it("takes the colons of a URN raw or encoded", async () => {
    // The official signer cannot sign an encoded path, so this one goes out under the signature of the raw one.
    const raw = await publish({ message: "hello" });
    expect(raw.status).toBe(200);
    const seen = emulator.requests().at(-1);
    const encoded = await send(emulator, "POST", target(encodeURIComponent(urn)), {
      headers: Object.fromEntries(
        ["authorization", "x-sdk-date", "content-type"].map((name) => [name, seen?.headers[name] ?? ""]),
      ),
      body: seen?.body ?? "",
    });
    expect(encoded.status).toBe(200);
    expect(emulator.published()).toHaveLength(2);
  });

  it.each<[string, number, string, object]>([
    ["no form of message", 400, "SMN.0001", { subject: "x" }],
    ["a subject over 512 bytes", 400, "SMN.0001", { subject: "网".repeat(171), message: "x" }],
    ["a message over 256 KB", 400, "SMN.0001", { message: "x".repeat(256 * 1024 + 1) }],
    ["a lifetime that is a number", 400, "SMN.0001", { message: "x", time_to_live: 3600 }],
    ["a lifetime over a week", 400, "SMN.0001", { message: "x", time_to_live: "604801" }],
    ["a template without tags", 400, "SMN.0001", { message_template_name: "t" }],
    [
      "a tag key over 21 characters",
      400,
      "SMN.0001",
      { message_template_name: "t", tags: { ["k".repeat(22)]: "" } },
    ],
    ["a structure that is an object", 400, "SMN.0021", { message_structure: { default: "x" } }],
    ["a structure that is not JSON", 400, "SMN.0021", { message_structure: "{" }],
    ["a structure without default", 400, "SMN.0021", { message_structure: JSON.stringify({ email: "x" }) }],
    [
      "a structure with an object in it",
      400,
      "SMN.0021",
      { message_structure: '{"default":"x","https":{}}' },
    ],
  ])("refuses %s", async (_, status, code, body) => {
    const answer = await publish(body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body).toEqual({
      request_id: answer.headers.get("x-request-id"),
      code,
      message: expect.any(String),
    });
    expect(emulator.published()).toEqual([]);
  });

  it("refuses a URN that is none", async () => {
    for (const wrong of ["meshes", "urn:smn:cn-north-4:p", "urn:fss:cn-north-4:p:meshes"]) {
      const { status, body } = await call(emulator, "POST", target(wrong), { body: { message: "x" } });
      expect([status, body.code, body.message]).toEqual([400, "SMN.0005", "Invalid topic_urn."]);
    }
  });

  it("does not find a topic of another project, or one that is not there", async () => {
    const foreign = await call(emulator, "POST", target("urn:smn:cn-north-4:other:meshes"), {
      body: { message: "x" },
    });
    expect([foreign.status, foreign.body.code, foreign.body.message]).toEqual([
      404,
      "SMN.0006",
      "Topic not found.",
    ]);
    emulator.change({ topics: [`${urn}-2`] });
    expect((await publish({ message: "x" })).body.code).toBe("SMN.0006");
    emulator.change({ topics: [urn] });
    expect((await publish({ message: "x" })).status).toBe(200);
  });

  it("needs a signature, and a project of the caller's", async () => {
    const unsigned = await send(emulator, "POST", target(urn), { body: "{}" });
    expect([unsigned.status, unsigned.body.error_code]).toEqual([401, "APIGW.0301"]);
    const foreign = await call(emulator, "POST", `/v2/other/notifications/topics/${urn}/publish`, {
      body: { message: "x" },
    });
    expect([foreign.status, foreign.body.error_code]).toEqual([403, "APIGW.0302"]);
  });

  function target(topic: string): string {
    return `/v2/${emulator.defaults.projectId}/notifications/topics/${topic}/publish`;
  }

  function publish(body: object) {
    return call(emulator, "POST", target(urn), { body });
  }
});

describe("the sink", () => {
  it("keeps headers and bodies of webhooks byte for byte, by name", async () => {
    const emulator = await startEmulator({ now: () => START });
    try {
      const body = '{"b":1,  "a":"网"}';
      const headers = { "Webhook-Id": "msg_1", "Content-Type": "application/json" };
      const answer = await send(emulator, "POST", "/sink/ops/deep?x=1", { body, headers });
      expect([answer.status, answer.body]).toEqual([
        200,
        { ok: true, code: 0, msg: "success", errcode: 0, errmsg: "ok" },
      ]);
      await send(emulator, "POST", "/sink/other", { body: "" });
      expect(emulator.sinkUrl).toBe(`${emulator.url}/sink`);
      expect(emulator.delivered("ops")).toEqual([
        {
          sink: "ops",
          at: "2025-04-10T07:48:37.000Z",
          target: "/sink/ops/deep?x=1",
          headers: expect.objectContaining({ "webhook-id": "msg_1", "content-type": "application/json" }),
          body,
        },
      ]);
      expect(emulator.delivered()).toHaveLength(2);
    } finally {
      await emulator.close();
    }
  });
});
