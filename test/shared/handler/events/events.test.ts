import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { apigBody, apigEvent, apigHeader, isApigEvent } from "../../../../shared/handler/events/apig.ts";
import {
  asyncDestinationEvent,
  unwrapDestination,
} from "../../../../shared/handler/events/async-destination.ts";
import { ctsEvent, ctsTime } from "../../../../shared/handler/events/cts.ts";
import { eventGridEvent } from "../../../../shared/handler/events/event-grid.ts";
import { kafkaEvent } from "../../../../shared/handler/events/kafka.ts";
import { ltsEvent, ltsLogs } from "../../../../shared/handler/events/lts.ts";
import { obsEvent } from "../../../../shared/handler/events/obs.ts";
import { smnEvent } from "../../../../shared/handler/events/smn.ts";
import { timerEvent, timerPayload } from "../../../../shared/handler/events/timer.ts";

const sample = (name: string) => JSON.parse(readFileSync(`test/fixtures/events/${name}.json`, "utf8"));

const schemas = {
  apig: apigEvent,
  "apig-greedy-path": apigEvent,
  "timer-v1": timerEvent,
  "timer-v2": timerEvent,
  smn: smnEvent,
  "event-grid": eventGridEvent,
  obs: obsEvent,
  lts: ltsEvent,
  cts: ctsEvent,
  "cts-numbers": ctsEvent,
  kafka: kafkaEvent,
  "async-destination": asyncDestinationEvent,
};

describe("the event", () => {
  test.each(Object.entries(schemas))("%s keeps every member, known or not", (name, schema) => {
    const event = { ...sample(name), of_a_later_version: { kept: true } };

    expect(schema.parse(event)).toEqual(event);
  });

  test.each(Object.entries(schemas))("%s is not taken for a direct call", (_, schema) => {
    expect(schema.safeParse(sample("direct")).success).toBe(false);
  });
});

describe("an event of API Gateway", () => {
  test("is told from every other one", () => {
    const names = Object.keys(schemas);

    expect(names.filter((name) => isApigEvent(sample(name)))).toEqual(["apig", "apig-greedy-path"]);
    expect([null, "text", 1, []].some(isApigEvent)).toBe(false);
  });

  test("has its body as bytes, in base64 or not, and empty on a GET", () => {
    const bytes = Buffer.from([0xff, 0x00, 0xe2, 0x82]);

    expect(apigBody({ body: bytes.toString("base64"), isBase64Encoded: true })).toEqual(bytes);
    expect(apigBody({ body: '{"a":"ü"}', isBase64Encoded: false })).toEqual(Buffer.from('{"a":"ü"}'));
    expect(apigBody(apigEvent.parse(sample("apig")))).toEqual(Buffer.alloc(0));
  });

  test("has headers by names in any case", () => {
    const event = { headers: { "X-Signature": "v1", "x-empty": "", nothing: null } };

    expect(apigHeader(event, "x-signature")).toBe("v1");
    expect(apigHeader(event, "X-EMPTY")).toBe("");
    expect(apigHeader(event, "nothing")).toBeUndefined();
    expect(apigHeader(event, "absent")).toBeUndefined();
  });

  test("of a greedy path has a path parameter without a name", () => {
    expect(apigEvent.parse(sample("apig-greedy-path")).pathParameters).toEqual({ "": "helloWorld/Test" });
  });
});

describe("a tick of a timer", () => {
  test("carries JSON or plain text", () => {
    expect(timerPayload(timerEvent.parse(sample("timer-v2")))).toEqual({ workflow: "create-mesh" });
    expect(timerPayload(timerEvent.parse(sample("timer-v1")))).toBe("User Event");
    expect(timerPayload({ user_event: null })).toBe("");
  });
});

describe("log lines", () => {
  test("are JSON in JSON in base64", () => {
    expect(ltsLogs(ltsEvent.parse(sample("lts")))).toMatchObject({
      owner: "6280",
      log_group_id: "97a9",
      logs: [
        {
          message: "2018-08-08/08:08:08 [WRN] [test.go:08]This is a test message.",
          time: 1530009653059,
          line_no: 1,
        },
      ],
    });
    expect(() => ltsLogs({ lts: { data: "bm90IGpzb24=" } })).toThrow(SyntaxError);
  });
});

describe("a trace", () => {
  test("has its time as a text or as milliseconds", () => {
    expect(ctsTime(ctsEvent.parse(sample("cts")))).toBe(Date.UTC(2018, 5, 26, 0, 54, 7));
    expect(ctsTime(ctsEvent.parse(sample("cts-numbers")))).toBe(Date.UTC(2018, 5, 26, 0, 54, 7));
  });
});

describe("the event of an asynchronous destination", () => {
  const event = (more: object) => ({
    ...sample("async-destination"),
    request_context: {
      request_id: "r-1",
      function_urn: "urn:fss:cn-north-4:p:function:default:create-mesh:latest",
    },
    ...more,
  });
  const request = { requestId: "r", action: "create" };

  test("is unwrapped to what the function answered", () => {
    const answer = { statusCode: 200, request, mesh: { name: "m" } };

    expect(unwrapDestination(event({ response_payload: answer }))).toEqual(answer);
    expect(unwrapDestination(event({ response_payload: JSON.stringify(answer) }))).toEqual(answer);
  });

  test("is unwrapped to what the function was given, with the error that ended it", () => {
    const died = event({
      request_payload: JSON.stringify({ request, mesh: { name: "m" } }),
      response_context: { status_code: 500, function_error: "UserFunctionError" },
      response_payload: '{"errorMessage":"call invoke timeout 480s","errorType":"X"}',
    });

    expect(unwrapDestination(died)).toEqual({
      request,
      mesh: { name: "m" },
      statusCode: 503,
      error: {
        code: "FUNCTION_FAILED",
        message: "create-mesh ended without a result (status 500): call invoke timeout 480s",
        requestId: "r-1",
      },
    });
  });

  test("says what it can when both payloads are empty", () => {
    const empty = event({
      response_context: { status_code: 500, function_error: "" },
      response_payload: "",
    });

    expect(unwrapDestination(empty)).toMatchObject({
      statusCode: 503,
      error: { message: "create-mesh ended without a result (status 500): no reason was given" },
    });
  });

  test("is the only one that is unwrapped", () => {
    const step = { statusCode: 200, request };

    expect(unwrapDestination(step)).toBe(step);
    expect(unwrapDestination("text")).toBe("text");
  });
});
