import { describe, expect, it } from "vitest";
import { cardFor, cardRows, cardTitle, eventType } from "../../../shared/outbound/card.ts";
import { smnMessage } from "../../../shared/outbound/smn.ts";
import { cards } from "./cards.ts";

const request = {
  action: "create",
  mesh: { metadata: { name: "prod-mesh" }, spec: { version: "1.18.7-r5" } },
  requestedAt: "2026-09-21T15:06:40Z",
  actor: { source: "chat", id: "U2CERLKJA", name: "roadrunner" },
};
const context = {
  outcome: "failed",
  runId: "run-1",
  region: "cn-north-4",
  now: Date.parse("2026-09-21T15:19:14Z"),
} as const;

describe("cardFor", () => {
  it("says what became of a failed create, with cause, hint and the next command", () => {
    expect(
      cardFor(
        {
          request,
          statusCode: 422,
          mesh: { name: "prod-mesh", uid: "uid-1", phase: "CreateFailed", version: "1.18.7-r5" },
          error: { code: "CREATE_FAILED", message: "It failed.", requestId: "req-9", hint: "Look there." },
          observed: { Creating: 2, CreateFailed: 1 },
          warnings: ["was slow"],
        },
        context,
      ),
    ).toEqual({
      op: "create",
      outcome: "failed",
      runId: "run-1",
      mesh: { name: "prod-mesh", uid: "uid-1", phase: "CreateFailed", version: "1.18.7-r5" },
      region: "cn-north-4",
      attempt: 1,
      elapsedMs: 754_000,
      requestId: "req-9",
      error: { code: "CREATE_FAILED", message: "It failed." },
      actor: "chat:U2CERLKJA (roadrunner)",
      links: { console: "https://console.huaweicloud.com/asm/?region=cn-north-4#/mesh/uid-1" },
      observed: { Creating: 2, CreateFailed: 1 },
      warnings: ["was slow"],
      hint: "Look there.",
      next: "meshflow delete uid-1",
    });
  });

  it("takes name and version from the request while no mesh is known", () => {
    expect(cardFor({ request, statusCode: 503 }, context)).toMatchObject({
      mesh: { name: "prod-mesh", version: "1.18.7-r5" },
      links: {},
      next: "meshflow retry run-1",
    });
  });

  it("makes a card of a request that nobody could read", () => {
    expect(cardFor({}, context)).toEqual({
      op: "create",
      outcome: "failed",
      runId: "run-1",
      mesh: { name: "(unnamed)" },
      region: "cn-north-4",
      attempt: 1,
      elapsedMs: 0,
      actor: "unknown",
      links: {},
    });
  });

  it.each([
    ["timed_out", 504, "meshflow status uid-1"],
    ["cancelled", 499, "meshflow delete uid-1"],
    ["failed", 409, undefined],
    ["succeeded", 200, undefined],
  ] as const)("names the next command of a create that %s (%i): %s", (outcome, statusCode, next) => {
    const card = cardFor({ request, statusCode, mesh: { uid: "uid-1" } }, { ...context, outcome });
    expect(card.next).toBe(next);
  });

  it("names no next command with a word in it that a shell would take for more", () => {
    const mesh = { uid: "uid-1; rm -rf ~" };
    expect(cardFor({ request, mesh }, { ...context, outcome: "timed_out" }).next).toBeUndefined();
  });

  it("cuts an endless error message to 2,000 characters", () => {
    const error = { code: "X", message: "y".repeat(5000) };
    expect(cardFor({ request, error }, context).error?.message).toHaveLength(2000);
  });

  it("stays small enough for every channel, whatever it is made of", () => {
    const endless = "☃".repeat(100_000);
    const card = cardFor(
      {
        request: { mesh: { name: endless }, actor: { source: "chat", id: endless, name: endless } },
        statusCode: 503,
        mesh: { uid: endless, phase: endless, version: endless },
        error: { code: endless, message: endless, requestId: endless, hint: endless },
        observed: Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`${i}${endless}`, 1])),
        warnings: Array.from({ length: 1000 }, () => endless),
      },
      { ...context, runId: endless },
    );
    // SMN takes 256 KB
    expect(Buffer.byteLength(JSON.stringify(smnMessage(card)))).toBeLessThan(256 * 1024);
    expect(card.warnings).toHaveLength(10);
  });
});

describe("a card's words", () => {
  it("has the rows of the reference in its order", () => {
    expect(cardRows(cards.failed)).toEqual([
      ["Phase", "CreateFailed"],
      ["Region", "cn-north-4"],
      ["Mesh uid", "11111111-2222-3333-4444-555555555555"],
      ["Version", "1.18"],
      ["Elapsed", "12m 34s"],
      ["Attempt", "2"],
      ["Error", "ASM.01409001 The resource already exists."],
      ["Request id", "c9f2b3a1d4e5f60712345678"],
      ["Run", "run_01J0000000000000000000"],
      ["By", "slack:U2CERLKJA (roadrunner)"],
    ]);
  });

  it("adds what was seen, warnings, hint and next command after the rows of the reference", () => {
    const card = {
      ...cards.succeeded,
      observed: { Creating: 12, unreachable: 1 },
      warnings: ["one", "two"],
      hint: "why",
      next: "meshflow status prod-mesh",
    };
    expect(cardRows(card).slice(9)).toEqual([
      ["Seen", "Creating 12 times, unreachable once"],
      ["Warning", "one"],
      ["Warning", "two"],
      ["Hint", "why"],
      ["Next", "meshflow status prod-mesh"],
    ]);
  });

  it("stays on one line and free of control characters, whatever a name or message holds", () => {
    const card = {
      ...cards.failed,
      mesh: { name: "a\r\nBcc: x" },
      error: { code: "X", message: "\u001b[31mred" },
    };
    expect(cardTitle(card)).toBe("Mesh create failed: a Bcc: x");
    expect(Object.fromEntries(cardRows(card)).Error).toBe("X  [31mred");
    expect(cardTitle({ ...card, mesh: { name: "a\u202Ehsem\u2066" } })).toBe("Mesh create failed: a hsem");
  });

  it("rounds the elapsed time to whole seconds", () => {
    const elapsed = (elapsedMs: number) =>
      Object.fromEntries(cardRows({ ...cards.failed, elapsedMs })).Elapsed;
    expect([elapsed(0), elapsed(59_400), elapsed(59_500), elapsed(3_600_000)]).toEqual([
      "0s",
      "59s",
      "1m 0s",
      "60m 0s",
    ]);
  });

  it("names the event after operation and outcome", () => {
    expect(eventType({ ...cards.failed, op: "delete", outcome: "timed_out" })).toBe("mesh.delete.timed_out");
  });
});
