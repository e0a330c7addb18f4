import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import vectors from "../../fixtures/emulator/signing-vectors.json" with { type: "json" };
import { AccessKeys, type SignatureVerdict } from "../access-keys.ts";
import { canonicalRequest } from "../canonical-request.ts";
import { createClock, parseSdkDate } from "../clock.ts";
import { type Received, receive } from "../http.ts";
import { parseAuthorization } from "../signature.ts";

interface Vector {
  name: string;
  ak: string;
  sk: string;
  securityToken?: string;
  projectId?: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  xSdkDate: string;
  body?: string | null;
  bodyRecipe?: { prefix: string; repeat: string; count: number; suffix: string };
  authorization: string;
  canonicalRequest: string;
}

describe("the signature check", () => {
  let server: Server;
  let arrived: (received: Received) => void = () => {};
  beforeAll(async () => {
    server = createServer(async (message, response) => {
      arrived((await receive(message)) as Received);
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it.each(vectors as unknown as Vector[])("accepts $name over the wire", async (vector) => {
    const received = await overTheWire(vector);
    const signed = parseAuthorization(vector.authorization)?.signedHeaders ?? [];
    const text = Buffer.from(canonicalRequest(received, signed), "latin1").toString("utf8");
    expect(text).toBe(vector.canonicalRequest);
    expect(verify(vector, received)).toEqual({ accessKey: vector.ak });
  });

  it.each(vectors as unknown as Vector[])("refuses $name with another secret key", async (vector) => {
    const received = await overTheWire(vector);
    const shown = vector.canonicalRequest.replaceAll("\n", "|");
    expect(verify({ ...vector, sk: `${vector.sk}x` }, received)).toEqual({
      refusal: `verify aksk signature fail, canonicalRequest:${shown}`,
    });
  });

  it("refuses a body that is not the signed one", async () => {
    const vector = find("post-json-small");
    const received = await overTheWire({ ...vector, body: `${vector.body} ` });
    expect(verify(vector, received)).toMatchObject({ refusal: expect.stringMatching(/^verify aksk/) });
  });

  it("refuses a path, a query or a header that is not the signed one", async () => {
    const vector = find("official-doc-vpc-list");
    const changes: Partial<Vector>[] = [
      { url: vector.url.replace("limit=2", "limit=3") },
      { url: vector.url.replace("/vpcs", "/vpc") },
      { headers: { "Content-Type": "text/plain" } },
      { method: "DELETE" },
    ];
    for (const change of changes) {
      const received = await overTheWire({ ...vector, ...change });
      expect(verify(vector, received)).toMatchObject({ refusal: expect.stringMatching(/^verify aksk/) });
    }
  });

  it("takes any body under UNSIGNED-PAYLOAD", async () => {
    const vector = find("put-unsigned-payload");
    const received = await overTheWire({ ...vector, body: "something else" });
    expect(verify(vector, received)).toEqual({ accessKey: vector.ak });
  });

  it("refuses a content hash that is not among the signed headers", async () => {
    const vector = find("post-json-small");
    const headers = { ...vector.headers, "X-Sdk-Content-Sha256": "UNSIGNED-PAYLOAD" };
    const received = await overTheWire({ ...vector, headers });
    expect(verify(vector, received)).toMatchObject({ refusal: expect.stringMatching(/^verify aksk/) });
  });

  it("reads an Authorization header in its exact form only", () => {
    const good = find("official-doc-vpc-list").authorization;
    expect(parseAuthorization(good)?.signedHeaders).toEqual(["content-type", "host", "x-sdk-date"]);
    expect(parseAuthorization(good.replace(", ", ","))).toBeUndefined();
    expect(parseAuthorization(good.replace("SHA256 ", "SHA256, "))).toBeUndefined();
    expect(parseAuthorization(good.replace("SDK-HMAC-SHA256", "AWS4-HMAC-SHA256"))).toBeUndefined();
    expect(parseAuthorization("Bearer abc")).toBeUndefined();
  });

  it("knows a day that does not exist and a date in another form", () => {
    expect(parseSdkDate("20240115T083000Z")).toBe(Date.UTC(2024, 0, 15, 8, 30, 0));
    for (const text of [
      "20241315T083000Z",
      "2024-01-15T08:30:00Z",
      "20240115T083000",
      "20240115T08:30:00Z",
      "",
    ]) {
      expect(parseSdkDate(text)).toBeUndefined();
    }
  });

  function find(name: string): Vector {
    return (vectors as unknown as Vector[]).find((vector) => vector.name === name) as Vector;
  }

  function verify(vector: Vector, received: Received): SignatureVerdict {
    const { ak, sk, securityToken, xSdkDate } = vector;
    const key = { secretKey: sk, ...(securityToken === undefined ? {} : { securityToken }) };
    const clock = createClock(() => parseSdkDate(xSdkDate) as number);
    return new AccessKeys(new Map([[ak, key]]), clock).verify(received, vector.authorization);
  }

  /** What a server gets of a vector's request; host, date, token and project as the vector signs them. */
  function overTheWire(vector: Vector): Promise<Received> {
    const { origin } = new URL(vector.url);
    const [, host = "", target = ""] = /^https:\/\/([^/?]+)(.*)$/.exec(vector.url) ?? [];
    expect(origin.toLowerCase()).toBe(`https://${host.toLowerCase()}`);
    const { prefix = "", repeat = "", count = 0, suffix = "" } = vector.bodyRecipe ?? {};
    const body = vector.body ?? prefix + repeat.repeat(count) + suffix;
    const headers: Record<string, string> = { host, "X-Sdk-Date": vector.xSdkDate, ...vector.headers };
    if (vector.securityToken !== undefined) headers["X-Security-Token"] = vector.securityToken;
    if (vector.projectId !== undefined) headers["X-Project-Id"] = vector.projectId;
    return new Promise((resolve, reject) => {
      arrived = resolve;
      const sent = request(
        {
          host: "127.0.0.1",
          port: (server.address() as AddressInfo).port,
          method: vector.method,
          path: target === "" ? "/" : target,
          headers: { ...headers, "content-length": Buffer.byteLength(body) },
        },
        (response) => response.resume(),
      );
      sent.on("error", reject);
      sent.end(body);
    });
  }
});
