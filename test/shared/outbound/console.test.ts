import { expect, it } from "vitest";
import { createConsoleChannel } from "../../../shared/outbound/console.ts";
import { cards } from "./cards.ts";

it("prints a card as aligned lines", async () => {
  let printed = "";
  const channel = createConsoleChannel({
    write: (text) => {
      printed += text;
    },
  });
  await expect(channel.send(cards.failed, { messageId: "m" })).resolves.toEqual({});
  expect(channel.name).toBe("console");
  expect(printed).toBe(`Mesh create failed: prod-mesh
  Phase       CreateFailed
  Region      cn-north-4
  Mesh uid    11111111-2222-3333-4444-555555555555
  Version     1.18
  Elapsed     12m 34s
  Attempt     2
  Error       ASM.01409001 The resource already exists.
  Request id  c9f2b3a1d4e5f60712345678
  Run         run_01J0000000000000000000
  By          slack:U2CERLKJA (roadrunner)
  Console     https://console.huaweicloud.com/asm/?region=cn-north-4#/mesh/11111111-2222-3333-4444-555555555555
  Logs        https://console.huaweicloud.com/lts/
`);
});
