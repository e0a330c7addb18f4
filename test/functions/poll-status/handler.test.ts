import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { handler as createMesh } from "../../../functions/create-mesh/handler.ts";
import { handler } from "../../../functions/poll-status/handler.ts";
import type { Emulator } from "../../emulator/emulator.ts";
import { createEvent, invokeWorker, startCloud } from "../../shared/handler/emulated-function.ts";

let cloud: Emulator;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());
beforeEach(() => cloud.reset());

const often = { MESHFLOW_POLL_SECONDS: "0.05", MESHFLOW_POLL_MAX_SECONDS: "0.05" };

describe("the poll-status function", () => {
  it("waits until the mesh runs, as often as MESHFLOW_POLL_SECONDS says", async () => {
    const created = await invokeWorker(createMesh, cloud, createEvent());
    const event = { ...created.result, waitSeconds: 20 };
    const { result } = await invokeWorker(handler, cloud, event, { userData: often });

    expect(result).toMatchObject({ statusCode: 200, mesh: { phase: "Running" } });
  });

  it("answers 202 rather than run into its time limit", async () => {
    cloud.change({ creatingMs: 60_000 });
    const created = await invokeWorker(createMesh, cloud, createEvent());
    const event = { ...created.result, waitSeconds: 200 };
    const { result } = await invokeWorker(handler, cloud, event, { timeoutMs: 45_900, userData: often });
    cloud.change({ creatingMs: 150 });

    expect(result).toMatchObject({ statusCode: 202, mesh: { phase: "Creating" } });
  });

  it("answers a wait that is no number", async () => {
    const { result } = await invokeWorker(handler, cloud, { ...createEvent(), waitSeconds: "200" });

    expect(result).toMatchObject({
      statusCode: 400,
      error: {
        code: "INVALID_REQUEST",
        message: "The request is not valid:\n  waitSeconds: must be a number of seconds",
      },
    });
    expect(cloud.requests()).toEqual([]);
  });
});
