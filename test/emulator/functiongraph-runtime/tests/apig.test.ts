import { describe, expect, it } from "vitest";
import { apigAnswer, apigEvent } from "../apig.ts";
import { instanceOf } from "./fixture.ts";

describe("a gateway's event", () => {
  it("has the body in Base64 and lower-case header names", () => {
    const event = apigEvent(
      {
        method: "post",
        url: "https://meshes.example.com/hooks/github?dry=1&name=mesh%20a",
        headers: { "X-Hub-Signature-256": "sha256=00", "Content-Type": "application/json" },
        body: '{"a":"网"}',
      },
      { apiId: "api", requestId: "r1", clientIp: "198.51.100.7" },
    );
    expect(event).toEqual({
      body: "eyJhIjoi572RIn0=",
      requestContext: { apiId: "api", requestId: "r1", stage: "RELEASE" },
      queryStringParameters: { dry: "1", name: "mesh a" },
      httpMethod: "POST",
      pathParameters: {},
      headers: {
        host: "meshes.example.com",
        "x-forwarded-for": "198.51.100.7",
        "x-forwarded-host": "meshes.example.com",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
        "x-real-ip": "198.51.100.7",
        "x-request-id": "r1",
        "x-hub-signature-256": "sha256=00",
        "content-type": "application/json",
      },
      path: "/hooks/github",
      isBase64Encoded: true,
    });
  });

  it("has an empty text for no body, still said to be Base64, and the request's id as a header", () => {
    const event = apigEvent({ method: "GET", url: "/health" });
    expect([event.body, event.isBase64Encoded]).toEqual(["", true]);
    expect(event.headers["x-request-id"]).toBe(event.requestContext.requestId);
    expect(event.requestContext.requestId).toMatch(/^[0-9a-f]{32}$/);
  });

  it("may be told not to encode, and may have a path parameter without a name", () => {
    const request = { method: "POST", url: "/hooks/a/b", body: "text" };
    const event = apigEvent(request, { base64: false, pathParameters: { "": "a/b" } });
    expect([event.body, event.isBase64Encoded, event.pathParameters]).toEqual(["text", false, { "": "a/b" }]);
  });

  it("holds 4 MB and no more", () => {
    const post = (size: number) => apigEvent({ method: "POST", url: "/", body: new Uint8Array(size) });
    expect(Buffer.from(post(4_194_304).body, "base64")).toHaveLength(4_194_304);
    expect(() => post(4_194_305)).toThrow("request body size 4194305 exceeds the gateway's 4194304");
  });
});

describe("a gateway's answer", () => {
  const whole = { statusCode: 202, headers: { "content-type": "text/plain" }, body: "aGk=" };
  const answer = (value: unknown) => apigAnswer({ status: "ok", body: JSON.stringify(value) });

  it("is the function's, decoded where it says so", () => {
    expect(answer({ ...whole, isBase64Encoded: true })).toEqual({
      status: 202,
      headers: { "content-type": "text/plain" },
      body: Buffer.from("hi"),
    });
    expect(answer({ ...whole, isBase64Encoded: false }).body.toString()).toBe("aGk=");
  });

  it.each<[string, unknown]>([
    ["a bare string", "hi"],
    ["null", null],
    ["a bare object", { ok: true }],
    ["no isBase64Encoded", whole],
    ["no headers", { statusCode: 200, body: "", isBase64Encoded: false }],
    ["no statusCode", { headers: {}, body: "", isBase64Encoded: false }],
    ["no body", { statusCode: 200, headers: {}, isBase64Encoded: false }],
    ["a body that is an object", { ...whole, body: {}, isBase64Encoded: false }],
    ["a status that is text", { ...whole, statusCode: "200", isBase64Encoded: false }],
    ["a list of headers", { ...whole, headers: [], isBase64Encoded: false }],
    ["a header of several values", { ...whole, headers: { a: ["b"] }, isBase64Encoded: false }],
  ])("is 500 for %s", (_, value) => {
    expect(answer(value).status).toBe(500);
  });

  it("is 500 for text that is no JSON, and for a function that failed", () => {
    expect(apigAnswer({ status: "ok", body: "hi" }).status).toBe(500);
    const body = JSON.stringify({ ...whole, isBase64Encoded: false });
    expect(apigAnswer({ status: "error", body })).toEqual({
      status: 500,
      headers: { "content-type": "application/json" },
      body: Buffer.from('{"error_msg":"Internal server error"}'),
    });
  });

  it("comes out of an instance as it is", async () => {
    const instance = await instanceOf(`exports.handler = async (event, context) => ({
      statusCode: 201,
      headers: { "x-path": event.path },
      body: Buffer.from(event.body, "base64").toString(),
      isBase64Encoded: false,
    });`);
    const event = apigEvent({ method: "POST", url: "/hooks", body: "hello" });
    expect(apigAnswer(await instance.invoke(event))).toEqual({
      status: 201,
      headers: { "x-path": "/hooks" },
      body: Buffer.from("hello"),
    });
  });
});
