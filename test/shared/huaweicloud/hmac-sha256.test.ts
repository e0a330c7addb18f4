import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { hmacSha256, sha256 } from "../../../shared/huaweicloud/hmac-sha256.ts";

const text = (maxLength: number) => fc.string({ unit: "grapheme", maxLength });

it("hmacSha256 agrees with node:crypto for any key and text", () => {
  fc.assert(
    fc.property(text(200), text(500), (key, data) => {
      expect(hmacSha256(key, data)).toBe(createHmac("sha256", key).update(data).digest("hex"));
    }),
  );
});

it.each([0, 1, 63, 64, 65, 200])("hmacSha256 is right for a key of %i bytes", (length) => {
  const key = "k".repeat(length);
  for (const size of [0, 1, 340, 342, 2000]) {
    const data = "é".repeat(size);
    expect(hmacSha256(key, data)).toBe(createHmac("sha256", key).update(data).digest("hex"));
  }
});

it("sha256 takes text and bytes", () => {
  const expected = createHash("sha256").update("网格").digest("hex");
  expect([sha256("网格"), sha256(Buffer.from("网格"))]).toEqual([expected, expected]);
});
