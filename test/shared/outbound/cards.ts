import type { Card } from "../../../shared/outbound/card.ts";

const common = {
  op: "create",
  runId: "run_01J0000000000000000000",
  region: "cn-north-4",
  requestId: "c9f2b3a1d4e5f60712345678",
} as const;

const mesh = (phase: string): Card["mesh"] => ({
  name: "prod-mesh",
  uid: "11111111-2222-3333-4444-555555555555",
  phase,
  version: "1.18",
});

const tail = {
  actor: "slack:U2CERLKJA (roadrunner)",
  links: {
    console:
      "https://console.huaweicloud.com/asm/?region=cn-north-4#/mesh/11111111-2222-3333-4444-555555555555",
    logs: "https://console.huaweicloud.com/lts/",
  },
};

/** The three cards behind the fixtures; key order is part of the JSON that some channels carry. */
export const cards = {
  in_progress: card({ outcome: "in_progress", phase: "Creating", attempt: 1, elapsedMs: 4000 }),
  succeeded: card({ outcome: "succeeded", phase: "Running", attempt: 2, elapsedMs: 754_000 }),
  failed: card({
    outcome: "failed",
    phase: "CreateFailed",
    attempt: 2,
    elapsedMs: 754_000,
    error: { code: "ASM.01409001", message: "The resource already exists." },
  }),
};

function card(of: {
  outcome: Card["outcome"];
  phase: string;
  attempt: number;
  elapsedMs: number;
  error?: Card["error"];
}): Card {
  return {
    op: common.op,
    outcome: of.outcome,
    runId: common.runId,
    mesh: mesh(of.phase),
    region: common.region,
    attempt: of.attempt,
    elapsedMs: of.elapsedMs,
    requestId: common.requestId,
    ...(of.error && { error: of.error }),
    ...tail,
  };
}
