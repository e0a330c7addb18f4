import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { handler } from "../../../functions/create-mesh/handler.ts";
import type { Emulator } from "../../emulator/emulator.ts";
import { createEvent, invokeWorker, startCloud } from "../../shared/handler/emulated-function.ts";

let cloud: Emulator;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());
beforeEach(() => cloud.reset());

describe("the create-mesh function", () => {
  it("makes the mesh with the agency's temporary key and its signed token", async () => {
    const { result } = await invokeWorker(handler, cloud, createEvent());

    expect(result).toMatchObject({ statusCode: 200, mesh: { name: "prod-mesh", phase: "Creating" } });
    expect(cloud.meshes()).toMatchObject([{ name: "prod-mesh" }]);
    expect(cloud.requests()).not.toHaveLength(0);
    for (const { headers } of cloud.requests()) {
      expect(headers["x-security-token"]).toBe("security-token-of-the-agency");
      expect(headers.authorization).toMatch(/SignedHeaders=[^,]*x-security-token/);
    }
  });

  it("says that it has no agency before any call", async () => {
    const event = createEvent();
    const agency = { accessKey: "", secretKey: "", securityToken: "" };
    const { result } = await invokeWorker(handler, cloud, event, { agency });

    expect(result).toMatchObject({
      statusCode: 401,
      request: { requestId: event.request.requestId },
      error: { code: "NO_CREDENTIALS", message: expect.stringMatching(/^The function has no credentials: /) },
    });
    expect(cloud.requests()).toEqual([]);
  });

  it("says that it knows no region before any call", async () => {
    const userData = { HW_REGION_NAME: "", MESHFLOW_ASM_ENDPOINT: "" };
    const { result } = await invokeWorker(handler, cloud, createEvent(), { userData });

    expect(result).toMatchObject({
      statusCode: 400,
      error: {
        code: "INVALID_CONFIGURATION",
        message:
          "The function does not know its region: set the variable HW_REGION_NAME, such as cn-north-4.",
      },
    });
    expect(cloud.requests()).toEqual([]);
  });

  it("says that it knows no project before any call", async () => {
    const { result } = await invokeWorker(handler, cloud, createEvent(), { projectId: "" });

    expect(result).toMatchObject({
      statusCode: 400,
      error: { message: "The function does not know its project: set the variable HW_PROJECT_ID." },
    });
    expect(cloud.requests()).toEqual([]);
  });

  it("logs an attempt that failed, with the request id and without the key", async () => {
    cloud.addFault({ on: "ListMeshes", fault: "empty-503" });
    const { result, lines } = await invokeWorker(handler, cloud, createEvent(), { requestId: "req-7" });
    const log = lines.map((line) => JSON.parse(line));

    expect(result.statusCode).toBe(200);
    expect(log.every(({ requestId }) => requestId === "req-7")).toBe(true);
    expect(log).toContainEqual(
      expect.objectContaining({ msg: "an attempt failed", operation: "ListMeshes" }),
    );
    expect(lines.join()).not.toMatch(/temporary-secret-key|security-token-of-the-agency/);
  });

  it("answers that a mesh may exist when its time ends between the request and the answer", async () => {
    cloud.addFault({ on: "CreateMesh", fault: "timeout" });
    const { result } = await invokeWorker(handler, cloud, createEvent(), { timeoutMs: 5000 });

    expect(result).toMatchObject({
      statusCode: 503,
      error: {
        code: "ABORTED",
        message: expect.stringMatching(/^Whether prod-mesh was created is not known\./),
      },
    });
  });
});
