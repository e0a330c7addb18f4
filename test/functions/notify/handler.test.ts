import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { handler } from "../../../functions/notify/handler.ts";
import type { Emulator } from "../../emulator/emulator.ts";
import { createEvent, invokeWorker, startCloud } from "../../shared/handler/emulated-function.ts";

let cloud: Emulator;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());
beforeEach(() => cloud.reset());

const topic = () => ({
  MESHFLOW_SMN_TOPIC_URN: `urn:smn:${cloud.defaults.region}:${cloud.defaults.projectId}:ops`,
});
const webhook = () => ({
  MESHFLOW_WEBHOOK_URL: `${cloud.sinkUrl}/hook`,
  MESHFLOW_WEBHOOK_SECRET: "whsec_aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=",
});
const ended = () => ({ ...createEvent(), statusCode: 200, mesh: { name: "prod-mesh", phase: "Running" } });

describe("the notify function", () => {
  it("tells the topic and the webhook, with the run's id where a flow calls", async () => {
    const values = { workflowRunId: "run-9", userData: { ...topic(), ...webhook() } };
    const { result } = await invokeWorker(handler, cloud, ended(), values);

    expect(result).toMatchObject({
      statusCode: 200,
      deliveries: [
        { destination: "smn:ops", status: "delivered", messageId: "run-9:succeeded" },
        { status: "delivered", messageId: "run-9:succeeded" },
      ],
    });
    expect(cloud.published()).toMatchObject([{ subject: "Mesh create succeeded: prod-mesh" }]);
  });

  it("without an agency still tells the webhook, and says why the topic was not told", async () => {
    const { result } = await invokeWorker(handler, cloud, ended(), {
      agency: { accessKey: "", secretKey: "", securityToken: "" },
      userData: { ...topic(), ...webhook() },
    });

    expect(result).toMatchObject({
      statusCode: 200,
      deliveries: [
        { destination: "smn:ops", status: "failed", detail: expect.stringContaining("give it an agency") },
        { status: "delivered" },
      ],
    });
  });

  it("says in its log that nobody is told when no destination is set", async () => {
    const { result, lines } = await invokeWorker(handler, cloud, ended());

    expect(result).toMatchObject({ statusCode: 200, deliveries: [] });
    expect(lines.join()).toContain("nobody is told");
  });

  it("as the destination of an asynchronous invocation tells how that ended", async () => {
    const event = {
      timestamp: "2020-08-20T12:00:00.000Z+08:00",
      request_context: {
        request_id: "r-1",
        function_urn: "urn:fss:cn-north-4:p:function:default:create-mesh:latest",
      },
      request_payload: createEvent("night-mesh"),
      response_context: { status_code: 500, function_error: "call invoke timeout" },
      response_payload: "",
    };
    const { result } = await invokeWorker(handler, cloud, event, { userData: topic() });

    expect(result).toMatchObject({ outcome: "failed", error: { code: "FUNCTION_FAILED", requestId: "r-1" } });
    expect(cloud.published()).toMatchObject([{ subject: "Mesh create failed: night-mesh" }]);
  });
});
