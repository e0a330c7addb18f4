import { expect, it } from "vitest";
import { redact } from "../../../shared/huaweicloud/redact.ts";

it("redacts the token that a gateway echoes in its canonical request, and no other header", () => {
  const text =
    "verify aksk signature fail, canonicalRequest:GET|/v1/||host:asm|x-sdk-date:20240115T083000Z|x-security-token:ABC/def+==|x-zone:a||host;x-sdk-date;x-security-token|e3b0";
  expect(redact(text)).toBe(
    "verify aksk signature fail, canonicalRequest:GET|/v1/||host:asm|x-sdk-date:20240115T083000Z|x-security-token:[redacted]|x-zone:a||host;x-sdk-date;x-security-token|e3b0",
  );
});

it.each([
  ["X-Auth-Token: MIIDabc", "X-Auth-Token: [redacted]"],
  ["authorization: SDK-HMAC-SHA256 Access=AK, Signature=abc", "authorization: [redacted]"],
  ['{"password":"p w","name":"n"}', '{"password":"[redacted]","name":"n"}'],
  ['{"securityToken": "abc"}', '{"securityToken": "[redacted]"}'],
  [`Signature=${"0a".repeat(32)}`, "Signature=[redacted]"],
  ["nothing to hide", "nothing to hide"],
])("redacts %s", (text, expected) => {
  expect(redact(text)).toBe(expected);
});

it("redacts the given secrets wherever they stand", () => {
  expect(redact("a SECRET1 b SECRET2SECRET1", ["SECRET1", undefined, "", "SECRET2"])).toBe(
    "a [redacted] b [redacted][redacted]",
  );
});
