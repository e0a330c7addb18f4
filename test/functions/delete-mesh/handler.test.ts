import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { handler } from "../../../functions/delete-mesh/handler.ts";
import type { Emulator } from "../../emulator/emulator.ts";
import { invokeWorker, startCloud } from "../../shared/handler/emulated-function.ts";

let cloud: Emulator;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());
beforeEach(() => cloud.reset());

describe("the delete-mesh function", () => {
  it("asks for the delete of the one mesh that is meant", async () => {
    const uid = cloud.seedMesh({ name: "old-mesh", createdSecondsAgo: 3600 });
    const event = { request: { action: "delete", mesh: { name: "old-mesh" } } };
    const { result } = await invokeWorker(handler, cloud, event);

    expect(result).toMatchObject({ statusCode: 200, mesh: { uid, phase: "Deleting" } });
  });

  it("refuses a request to create, and answers so", async () => {
    const { result } = await invokeWorker(handler, cloud, { request: { action: "create", mesh: {} } });

    expect(result).toMatchObject({ statusCode: 400, error: { code: "INVALID_REQUEST" } });
    expect(cloud.requests()).toEqual([]);
  });
});
