import { describe, expect, it } from "vitest";
import { destinationPayload } from "../destination.ts";
import { instanceOf } from "./fixture.ts";

const functionUrn = "urn:fss:cn-north-4:0000000000000000000000000000e4a1:function:default:demo:latest";
const now = Date.parse("2020-08-20T12:00:00.000Z");

describe("what a destination receives", () => {
  it("has the request, the answer, and a time that is no date", async () => {
    const instance = await instanceOf('exports.handler = async (event, context) => "hello world!";');
    const result = await instance.invoke('{"a":1}', { async: true, requestId: "r1" });
    const payload = destinationPayload({ functionUrn, event: '{"a":1}', result, invokeCount: 1, now });
    expect(payload).toEqual({
      timestamp: "2020-08-20T12:00:00.000Z+08:00",
      request_context: {
        request_id: "r1",
        function_urn: functionUrn,
        condition: "",
        approximate_invoke_count: 1,
      },
      request_payload: '{"a":1}',
      response_context: { status_code: 200, function_error: "" },
      response_payload: "hello world!",
    });
    expect(Number.isNaN(Date.parse(payload.timestamp))).toBe(true);
  });

  it("has an answer of 256 KB whole, and a larger one empty", () => {
    const payload = (bytes: number) => {
      const result = { status: "ok" as const, body: "é".repeat(bytes / 2), requestId: "r1" };
      return destinationPayload({ functionUrn, event: "{}", result, invokeCount: 1, now }).response_payload;
    };
    expect(Buffer.byteLength(payload(262_144))).toBe(262_144);
    expect(payload(262_146)).toBe("");
  });

  it("has the failure and how often it was tried", () => {
    const result = { status: "error" as const, body: "call invoke timeout 3s", requestId: "r1" };
    const payload = destinationPayload({ functionUrn, event: "{}", result, invokeCount: 3, now });
    expect(payload.request_context.approximate_invoke_count).toBe(3);
    expect(payload.response_context).toEqual({
      status_code: 500,
      function_error: "call invoke timeout 3s",
    });
  });
});
