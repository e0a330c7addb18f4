import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  type RequestToSign,
  type SigningOptions,
  signRequest,
} from "../../../shared/huaweicloud/signature.ts";
import { SignatureInputError } from "../../../shared/huaweicloud/signature-input-error.ts";

interface Vector {
  name: string;
  ak: string;
  sk: string;
  securityToken?: string;
  projectId?: string;
  region?: string;
  service?: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  xSdkDate: string;
  body?: string;
  bodyRecipe?: { prefix: string; repeat: string; count: number; suffix: string };
  expected: { canonicalRequest: string; stringToSign: string; signature: string; authorization: string };
}
interface Case {
  name: string;
  request: Omit<Vector, "expected" | "name">;
  recommended: null | { url: string; canonicalRequest: string; authorization: string };
}

const { vectors, derived } = fixture<{ vectors: Vector[]; derived: Vector[] }>("signing-vectors.json");
const { cases } = fixture<{ cases: Case[] }>("signing-vectors-disagreements.json");

describe("signRequest gives the published intermediates", () => {
  it.each([...vectors, ...derived])("$name", (vector) => {
    const signed = sign(vector);
    expect(signed.canonicalRequest).toBe(vector.expected.canonicalRequest);
    expect(signed.stringToSign).toBe(vector.expected.stringToSign);
    expect(signed.signature).toBe(vector.expected.signature);
    expect(signed.headers.Authorization).toBe(vector.expected.authorization);
  });

  it("has all 24 vectors and the 3 of V11", () => {
    expect([vectors.length, derived.length]).toEqual([24, 3]);
  });

  it("gives everything to send, in the caller's spelling", () => {
    const vector = vectors.find(({ name }) => name === "get-with-security-token")!;
    expect(sign(vector).headers).toEqual({
      "Content-Type": "application/json",
      host: "asm.cn-north-4.myhuaweicloud.com",
      "X-Sdk-Date": vector.xSdkDate,
      "X-Security-Token": vector.securityToken,
      Authorization: vector.expected.authorization,
    });
  });
});

/** Where official signers disagree and no answer is portable, and two that are recommended but refused here. */
const refusals: Record<string, string> = {
  "path-encoded-slash": "encoded-slash",
  "path-double-slash": "double-slash",
  "path-trailing-double-slash": "double-slash",
  "path-dot-segments": "dot-segment",
  "header-non-ascii": "header-value",
  "header-underscore": "header-name",
  "query-key-order-raw-vs-encoded": "query-name-order",
  "query-key-order-astral": "query-name-order",
  "query-empty-name": "query-empty-name",
};

describe("signRequest, where official signers disagree,", () => {
  it.each(cases.filter(({ name }) => !(name in refusals)))("signs what is sent: $name", (entry) => {
    for (const url of [entry.request.url, entry.recommended!.url]) {
      const signed = sign({ ...entry.request, url });
      expect(signed.canonicalRequest).toBe(entry.recommended!.canonicalRequest);
      expect(signed.headers.Authorization).toBe(entry.recommended!.authorization);
    }
  });

  it.each(cases.filter(({ name }) => name in refusals))("refuses: $name", ({ name, request }) => {
    expect(reason(() => sign(request))).toBe(refusals[name]);
  });

  it("refuses every case that has no recommended answer", () => {
    const unanswered = cases.filter(({ recommended }) => recommended === null).map(({ name }) => name);
    expect(unanswered.filter((name) => !(name in refusals))).toEqual([]);
  });
});

describe("signRequest refuses", () => {
  const good: RequestToSign = { method: "GET", url: "https://asm.cn-north-4.myhuaweicloud.com/v1" };
  const keys = { accessKey: "AKEXAMPLE", secretKey: "SKEXAMPLE" };
  it.each<[string, string, Partial<RequestToSign>, Partial<typeof keys>, SigningOptions?]>([
    ["an empty access key", "access-key", {}, { accessKey: "" }],
    ["an access key with a line break", "access-key", {}, { accessKey: "AK\nX" }],
    ["an empty secret key", "secret-key", {}, { secretKey: "" }],
    ["a body of more than 12 MB", "body-too-large", { body: "x".repeat(12 * 1024 * 1024 + 1) }, {}],
    ["a body of more than 12 MB in UTF-8", "body-too-large", { body: "é".repeat(6 * 1024 * 1024 + 1) }, {}],
    ["bytes of more than 12 MB", "body-too-large", { body: new Uint8Array(12 * 1024 * 1024 + 1) }, {}],
    ["a carriage return in a header", "header-value", { headers: { a: "b\rc" } }, {}],
    ["a line feed at a header's end", "header-value", { headers: { a: "b\n" } }, {}],
    ["a control character in a header", "header-value", { headers: { a: "b\0" } }, {}],
    ["a value that is not text", "header-value", { headers: { a: undefined as unknown as string } }, {}],
    ["a header name with a blank", "header-name", { headers: { "a b": "c" } }, {}],
    ["an empty header name", "header-name", { headers: { "": "c" } }, {}],
    ["a header in two spellings", "header-twice", { headers: { "X-A": "1", "x-a": "2" } }, {}],
    ["half a character in the body", "lone-surrogate", { body: "a\ud800b" }, {}],
    ["half a character in the path", "lone-surrogate", { url: `${good.url}/\udc00` }, {}],
    ["half a character in the query", "lone-surrogate", { url: `${good.url}?a=\ud800` }, {}],
    ["broken percent-encoding", "percent-encoding", { url: `${good.url}/100%` }, {}],
    ["percent-encoding that is not UTF-8", "percent-encoding", { url: `${good.url}?a=%FF` }, {}],
    ["an encoded dot segment", "dot-segment", { url: `${good.url}/%2e%2E/x` }, {}],
    ["a fragment", "fragment", { url: `${good.url}/a#b` }, {}],
    ["a backslash", "url", { url: `${good.url}\\a` }, {}],
    ["a tab, which URL parsing strips", "url", { url: `${good.url}/a\tb` }, {}],
    ["a user name", "url", { url: "https://user:pass@example.com/" }, {}],
    ["another scheme", "url", { url: "ftp://example.com/" }, {}],
    ["a host that is none", "url", { url: "https://exa mple.com/" }, {}],
    ["a method that is none", "method", { method: "GET /" }, {}],
    ["a date in another form", "date", {}, {}, { date: "2024-01-15T08:30:00Z" }],
    ["a security token with a line break", "header-value", {}, { securityToken: "a\nb" } as object],
    [
      "a V11 host that names no region",
      "scope",
      { url: "https://service.region.example.com/" },
      {},
      { derived: {} },
    ],
  ])("%s", (_, expected, request, credentials, options) => {
    expect(reason(() => signRequest({ ...good, ...request }, { ...keys, ...credentials }, options))).toBe(
      expected,
    );
  });

  it("nothing at exactly 12 MB", () => {
    const body = "x".repeat(12 * 1024 * 1024);
    expect(signRequest({ ...good, method: "POST", body }, keys).signature).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("signRequest", () => {
  const keys = { accessKey: "AKEXAMPLE", secretKey: "SKEXAMPLE" };
  const request = { method: "GET", url: "https://asm.cn-north-4.myhuaweicloud.com/v1/meshes?b=1&a=2" };

  it("changes nothing that it is given", () => {
    const given = Object.freeze({ ...request, headers: Object.freeze({ "X-Note": " a " }) });
    signRequest(given, Object.freeze({ ...keys }), Object.freeze({ projectId: "p" }));
    expect(given).toEqual({ ...request, headers: { "X-Note": " a " } });
  });

  it("signs bytes as it signs the same text", () => {
    const date = "20240115T083000Z";
    const text = '{"name":"网格"}';
    const asText = signRequest({ ...request, method: "POST", body: text }, keys, { date });
    const asBytes = signRequest({ ...request, method: "POST", body: Buffer.from(text) }, keys, { date });
    expect(asBytes).toEqual(asText);
  });

  it("takes the current second when no date is given", () => {
    const { headers } = signRequest(request, keys);
    const iso = headers["X-Sdk-Date"]!.replace(
      /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/,
      "$1-$2-$3T$4:$5:$6Z",
    );
    expect(Math.abs(Date.parse(iso) - Date.now())).toBeLessThan(60_000);
  });

  it("replaces an Authorization header in any spelling", () => {
    const { headers } = signRequest({ ...request, headers: { authorization: "old" } }, keys);
    expect(Object.keys(headers).filter((name) => name.toLowerCase() === "authorization")).toEqual([
      "Authorization",
    ]);
  });

  it.each([
    ["https://asm.eu-west-101.myhuaweicloud.eu/v1", "20240115/eu-west-101/asm"],
    ["https://asm.cn-north-4.myhuaweicloud.com/v1", undefined],
    ["https://iam.myhuaweicloud.com/v3", undefined],
    ["https://obs.cn-north-4.huaweicloud.cn/", undefined],
    ["https://a.b.cn-north-4.myhuaweicloud.com/", "refused"],
  ])("chooses V11 for %s by the default predicate", (url, info) => {
    const choose = () =>
      signRequest({ method: "GET", url }, keys, { date: "20240115T083000Z", derived: {} }).headers
        .Authorization;
    if (info === "refused") return expect(reason(choose)).toBe("scope");
    const expected = info
      ? `V11-HMAC-SHA256 Credential=AKEXAMPLE/${info},`
      : "SDK-HMAC-SHA256 Access=AKEXAMPLE,";
    expect(choose()).toContain(expected);
  });

  it("signs no host with V11 unless asked to", () => {
    const { headers } = signRequest(
      { method: "GET", url: "https://asm.eu-west-101.myhuaweicloud.eu/" },
      keys,
    );
    expect(headers.Authorization).toMatch(/^SDK-HMAC-SHA256 /);
  });

  it("derives another V11 key for another day, region, service, access key and secret key", () => {
    const one = (date: string, region: string, service: string, k = keys) =>
      signRequest(request, k, { date, derived: { region, service, when: () => true } }).signature;
    const all = [
      one("20240115T083000Z", "r-a-1", "s"),
      one("20240116T083000Z", "r-a-1", "s"),
      one("20240115T083000Z", "r-b-1", "s"),
      one("20240115T083000Z", "r-a-1", "t"),
      one("20240115T083000Z", "r-a-1", "s", { ...keys, accessKey: "OTHER" }),
      one("20240115T083000Z", "r-a-1", "s", { ...keys, secretKey: "OTHER" }),
    ];
    expect(new Set(all).size).toBe(6);
    expect(one("20240115T083000Z", "r-a-1", "s")).toBe(all[0]);
  });
});

function sign(vector: Case["request"]) {
  const { prefix, repeat, count, suffix } = vector.bodyRecipe ?? {
    prefix: "",
    repeat: "",
    count: 0,
    suffix: "",
  };
  return signRequest(
    {
      method: vector.method,
      url: vector.url,
      headers: vector.headers,
      body: vector.body ?? prefix + repeat.repeat(count) + suffix,
    },
    {
      accessKey: vector.ak,
      secretKey: vector.sk,
      ...(vector.securityToken ? { securityToken: vector.securityToken } : {}),
    },
    {
      date: vector.xSdkDate,
      ...(vector.projectId ? { projectId: vector.projectId } : {}),
      ...(vector.region && vector.service
        ? { derived: { region: vector.region, service: vector.service, when: () => true } }
        : {}),
    },
  );
}

function reason(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof SignatureInputError) return error.reason;
    throw error;
  }
  return "nothing was refused";
}

function fixture<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(`../../fixtures/${file}`, import.meta.url), "utf8")) as T;
}
