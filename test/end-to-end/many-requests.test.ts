import { expect, it } from "vitest";
import { benchRequests } from "../bench/requests-bench.ts";

it("a thousand requests at once through one process all make their mesh", { timeout: 240_000 }, async () => {
  expect(await benchRequests(1000)).toMatchObject({ requests: 1000, succeeded: 1000, meshes: 1000 });
});
