import { describe, expect, it } from "vitest";
import { retryAfterMs, serverTimeMs, throttlingWindowMs } from "../../../shared/huaweicloud/retry-after.ts";

const now = Date.UTC(2024, 0, 15, 8, 30, 0);

describe("retryAfterMs", () => {
  it.each([
    ["0", 0],
    ["7", 7000],
    [" 1.5 ", 1500],
    ["Mon, 15 Jan 2024 08:31:00 GMT", 60_000],
    ["Mon, 15 Jan 2024 08:29:00 GMT", 0],
    ["-5", undefined],
    ["soon", undefined],
    ["", undefined],
    [null, undefined],
  ])("of %j is %j", (value, expected) => {
    expect(retryAfterMs(value, now)).toBe(expected);
  });
});

it.each([
  ["policy user over ratelimit,limit:10,time:1 minute", 60_000],
  ["limit:200,time:1 second", 1000],
  ["limit:5,time:2 hours", 7_200_000],
  ["signature expired, signature time:20211217T064303Z", undefined],
  ["", undefined],
])("throttlingWindowMs of %j is %j", (text, expected) => {
  expect(throttlingWindowMs(text)).toBe(expected);
});

it("serverTimeMs reads the gateway's clock", () => {
  const text = "signature expired, signature time:20211217T064303Z,server time:20211217T065804Z";
  expect(serverTimeMs(text)).toBe(Date.UTC(2021, 11, 17, 6, 58, 4));
  expect(serverTimeMs("server time:yesterday")).toBeUndefined();
});
