import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiClient, createApiClient } from "../../../shared/huaweicloud/api-client.ts";
import { staticCredentials } from "../../../shared/huaweicloud/credentials.ts";
import { SignatureInputError } from "../../../shared/huaweicloud/signature-input-error.ts";
import type { QueryValue } from "../../../shared/huaweicloud/url.ts";
import { UnsafeUrlError } from "../../../shared/huaweicloud/url.ts";
import { type ReceivedRequest, receive, verifySignature } from "./verify-signature.ts";

const accessKey = "HWEXAMPLEAK000000001";
const secretKey = "ExampleSk/+NotReal0123456789abcdefghijKL";
const received: ReceivedRequest[] = [];
let server: Server;
let endpoint: string;
let api: ApiClient;

beforeAll(async () => {
  server = createServer(async (message, response) => {
    received.push(await receive(message));
    response.writeHead(200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  api = createApiClient({
    credentials: staticCredentials({
      kind: "access-key",
      accessKey,
      secretKey,
      securityToken: "Temporary/Token+==",
      projectId: "0605767b5780d5762fc5c0118072a564",
    }),
    budgets: { readsPerSecond: 1e6, readBurst: 1e6 },
  });
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Sends and gives what arrived, with the verifier's judgement. */
async function send(request: {
  method?: string;
  path: string[];
  query?: Record<string, QueryValue>;
  headers?: Record<string, string>;
  body?: unknown;
  endpoint?: string;
}) {
  received.length = 0;
  await api.request({
    operation: "Probe",
    service: "asm",
    kind: "read",
    endpoint,
    method: "GET",
    success: [200],
    ...request,
  });
  expect(received).toHaveLength(1);
  return {
    got: received[0]!,
    verdict: verifySignature(received[0]!, (ak) => (ak === accessKey ? secretKey : undefined)),
  };
}

const hostile = [
  ..." '%#?&=+;:@!$()*,[]{}|^`\"<>~\\_-.",
  "%2F",
  "%20",
  "%",
  "..",
  "...",
  "a/b",
  "a#b",
  "网格",
  "é",
  "🙂",
  "～",
  "\t",
  "\r\n",
  "\0",
  "$&",
  "\ud800",
];
const text = fc.oneof(
  fc.constantFrom(...hostile),
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.array(fc.constantFrom(...hostile), { maxLength: 5 }).map((parts) => parts.join("")),
);
const scalar = fc.oneof(text, fc.integer(), fc.boolean());
const query = fc.dictionary(
  text,
  fc.oneof(scalar, fc.constant(undefined), fc.array(scalar, { maxLength: 4 })) as fc.Arbitrary<QueryValue>,
  { maxKeys: 5 },
);

describe("what is sent is what is signed", () => {
  it("for any path, query, method and body, or nothing is sent", async () => {
    const counts = { sent: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("GET", "DELETE", "POST", "PUT", "PATCH", "post", "patch"),
        fc.array(text, { minLength: 1, maxLength: 4 }),
        query,
        fc.oneof(fc.constant(undefined), fc.jsonValue()),
        async (method, path, query, body) => {
          const withBody = method === "GET" ? {} : { body };
          try {
            const { got, verdict } = await send({ method, path, query, ...withBody });
            counts.sent += 1;
            expect(verdict).toBe("valid");
            const [rawPath, rawQuery = ""] = got.target.split("?");
            expect(rawPath!.split("/").slice(1).map(decodeURIComponent)).toEqual(path);
            expect(
              rawQuery === "" ? [] : rawQuery.split("&").map((p) => p.split("=").map(decodeURIComponent)),
            ).toEqual(
              Object.entries(query).flatMap(([name, value]) =>
                value === undefined ? [] : [value].flat().map((one) => [name, String(one)]),
              ),
            );
            const sentBody = "body" in withBody && body !== undefined ? JSON.stringify(body) : "";
            expect(got.body.toString()).toBe(sentBody);
          } catch (error) {
            if (!(error instanceof UnsafeUrlError) && !(error instanceof SignatureInputError)) throw error;
            expect(received).toHaveLength(0);
            counts.refused += 1;
          }
        },
      ),
      { numRuns: 400, seed: 20240115 },
    );
    expect(counts.sent).toBeGreaterThan(100);
    expect(counts.refused).toBeGreaterThan(20);
  });

  it.each(["", ".", "..", "a/b", "/", "../x", "\ud800"])(
    "refuses the path segment %j before sending",
    async (bad) => {
      await expect(send({ path: ["v1", bad] })).rejects.toBeInstanceOf(UnsafeUrlError);
      expect(received).toEqual([]);
    },
  );

  it.each(["my mesh", "o'neil", "100%", "%20", "%2e%2e", "a?b", "a#b", "$&", "urn:fss:a", "网格", "..."])(
    "keeps the path segment %j whole",
    async (segment) => {
      const { got, verdict } = await send({ path: ["v1", segment] });
      expect(verdict).toBe("valid");
      expect(decodeURIComponent(got.target.slice("/v1/".length))).toBe(segment);
    },
  );

  it("leaves out undefined query values and repeats the names of lists", async () => {
    const { got, verdict } = await send({
      path: ["v1"],
      query: { gone: undefined, none: [], tag: ["b", "a", "b"], flag: "", n: 0, off: false, q: "a+b c" },
    });
    expect(got.target).toBe("/v1?tag=b&tag=a&tag=b&flag=&n=0&off=false&q=a%2Bb%20c");
    expect(verdict).toBe("valid");
  });

  it("refuses query values that have no text of their own", async () => {
    for (const value of [null, Number.NaN, { a: 1 }]) {
      await expect(send({ path: ["v1"], query: { q: value as unknown as string } })).rejects.toBeInstanceOf(
        UnsafeUrlError,
      );
    }
    expect(received).toEqual([]);
  });

  it("keeps the endpoint's path prefix", async () => {
    const { got, verdict } = await send({ endpoint: `${endpoint}/stage/asm/`, path: ["v1", "meshes"] });
    expect([got.target, verdict]).toEqual(["/stage/asm/v1/meshes", "valid"]);
  });

  it.each([
    "ftp://127.0.0.1",
    "not a url",
    "http://user@127.0.0.1",
    "http://127.0.0.1/?a=1",
    "http://127.0.0.1/#a",
  ])("refuses the endpoint %s", async (bad) => {
    await expect(send({ endpoint: bad, path: ["v1"] })).rejects.toBeInstanceOf(UnsafeUrlError);
  });

  it("signs project, temporary token, content type and the caller's headers, and nothing that changes in transit", async () => {
    const { got, verdict } = await send({
      method: "POST",
      path: ["v1"],
      body: {},
      headers: { "X-Apply-ProjectID": "p1", "X-Note": "  padded  " },
    });
    expect(verdict).toBe("valid");
    const authorization = got.rawHeaders[got.rawHeaders.indexOf("Authorization") + 1];
    expect(/SignedHeaders=([^,]+)/.exec(authorization!)![1]).toBe(
      "content-type;host;x-apply-projectid;x-note;x-project-id;x-sdk-date;x-security-token",
    );
  });

  it("refuses a body on GET, which fetch would not send", async () => {
    await expect(send({ path: ["v1"], body: {} })).rejects.toBeInstanceOf(UnsafeUrlError);
  });

  it("is not so for a request that is changed on the way", async () => {
    const { got } = await send({ path: ["v1", "meshes"] });
    const verdict = verifySignature({ ...got, target: "/v1/other" }, () => secretKey);
    expect(verdict).toMatchObject({ why: "verify aksk signature fail" });
  });
});
