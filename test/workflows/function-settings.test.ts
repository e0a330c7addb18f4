import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { InvalidFunctionSettingsError, parseFunctionSettings } from "../../workflows/function-settings.ts";

const folders = readdirSync("functions");
const read = (name: string) => JSON.parse(readFileSync(`functions/${name}/function.json`, "utf8"));
const faults = (change: object) => {
  try {
    parseFunctionSettings({ ...read("notify"), ...change }, "function.json");
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidFunctionSettingsError);
    return (error as Error).message.split("\n").slice(1);
  }
};

describe.each(folders)("the settings of %s", (name) => {
  const settings = parseFunctionSettings(read(name), `functions/${name}/function.json`);

  test("are its own, for Node.js 20.15 and the file that is built", () => {
    expect(settings).toMatchObject({ name, runtime: "Node.js20.15", handler: "index.handler" });
  });

  test("leave nothing of asynchronous invocations and concurrency to the platform", () => {
    expect(settings.async).toEqual({
      maxAgeSeconds: expect.any(Number),
      retries: expect.any(Number),
      onSuccess: null,
      onFailure: null,
    });
    expect(settings.concurrency.requestsPerInstance).toBe(1);
  });

  test("take the region, and an access key only where there is no agency", () => {
    const variables = Object.fromEntries(settings.environment.map((each) => [each.name, each]));

    expect(settings.agency).toMatch(/^\$\{agency\}$/);
    expect(variables.HW_REGION_NAME).toMatchObject({ secret: false, optional: false });
    expect(variables.HUAWEICLOUD_SDK_AK).toMatchObject({ secret: true, optional: true });
    expect(variables.HUAWEICLOUD_SDK_SK).toMatchObject({ secret: true, optional: true });
  });
});

test.each([
  // list, create and a list at the end of 60 s of looking, each of up to 100 s of retries and 30 s of a last attempt
  ["create-mesh", 60 + 3 * 130],
  // list, delete and a look after a refusal
  ["delete-mesh", 3 * 130],
  // the flows' waitSeconds, and a last look that may begin 10 s late
  ["poll-status", 200 + 10 + 30],
  // the slowest destination is given up after 120 s
  ["notify", 120],
])("the time limit of %s is longer than its work can take: %i s", (name, workSeconds) => {
  const { timeoutSeconds } = parseFunctionSettings(read(name), name);

  expect(timeoutSeconds).toBeGreaterThan(workSeconds + 3);
});

test("the flows wait no longer than poll-status may run", () => {
  for (const flow of ["create-mesh", "delete-mesh"]) {
    const { states } = JSON.parse(readFileSync(`workflows/${flow}.json`, "utf8"));
    const poll = states.find(({ id }: { id: string }) => id === "poll-status");
    const { waitSeconds } = poll.actions[0].function_ref.arguments;

    expect(waitSeconds).toBeLessThanOrEqual(read("poll-status").timeoutSeconds - 45);
  }
});

describe("a function.json", () => {
  test("is refused with every fault by its path", () => {
    expect(
      faults({
        name: "9-lives-",
        runtime: "Node.js 20.15",
        handler: "handler",
        memoryMb: 200,
        timeoutSeconds: 2,
        agency: undefined,
        colour: "red",
        environment: [{ name: "HW_REGION" }, { name: "HUAWEICLOUD_SDK_SK" }, { name: "RUNTIME_CPU" }],
        concurrency: { maxInstances: 0, requestsPerInstance: 1001 },
        async: { maxAgeSeconds: 86_401, retries: 4, onSuccess: null },
      }),
    ).toEqual([
      "- name: must be 1 to 60 of letters, digits, _ and -, a letter first and no _ or - last",
      '- runtime: must be "Node.js20.15" or "Node.js22.18"',
      "- handler: must be FILE.FUNCTION such as index.handler",
      "- memoryMb: must be one of 128, 256, 512, 768, 1024, 1280, 1536, 1792, 2048, 2560, 3072, 3584, 4096, 8192, 10240",
      "- timeoutSeconds: must be at least 3",
      "- agency: is missing",
      "- environment[0].name: is not a variable that meshflow reads",
      '- environment[1].secret: holds a secret: must have "secret": true',
      "- environment[2].name: belongs to the platform",
      "- concurrency.maxInstances: must not be 0, which disables the function",
      "- concurrency.requestsPerInstance: must be at most 1000",
      "- async.maxAgeSeconds: must be at most 86400",
      "- async.retries: must be at most 3",
      "- async.onFailure: is missing",
      "- (the whole): does not belong here: colour",
    ]);
  });

  test("names no variable twice and no more than 20", () => {
    const region = { name: "HW_REGION_NAME" };

    expect(faults({ environment: [region, region] })).toEqual(["- environment: names a variable twice"]);
    expect(faults({ environment: Array(21).fill(region) })).toContain(
      "- environment: must be at most 20 entries",
    );
  });

  test("has a name of 1 to 60 characters and a time limit of up to 72 hours", () => {
    expect(faults({ name: "a", timeoutSeconds: 259_200 })).toEqual([]);
    expect(faults({ name: "a".repeat(60) })).toEqual([]);
    expect(faults({ name: "a".repeat(61) })).toHaveLength(1);
    expect(faults({ timeoutSeconds: 259_201 })).toEqual(["- timeoutSeconds: must be at most 259200"]);
  });

  test("may have triggers, and destinations for what becomes of an asynchronous invocation", () => {
    const onFailure = { type: "FunctionGraph", param: { func_urn: "urn" } };

    expect(
      faults({
        triggers: [{ type: "TIMER", active: true, data: { name: "nightly", schedule_type: "Cron" } }],
        async: { maxAgeSeconds: 60, retries: 0, onSuccess: null, onFailure },
      }),
    ).toEqual([]);
  });
});
