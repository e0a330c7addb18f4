import { expect, test } from "vitest";
import { parseFlowDefinition } from "../../workflows/definition.ts";
import { InvalidFlowError } from "../../workflows/flow-faults.ts";
import { changed, flowFile, officialSample } from "./sample-flows.ts";

function faultsOf(json: unknown): string[] {
  try {
    parseFlowDefinition(json, "night.json");
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidFlowError);
    return (error as Error).message.split("\n");
  }
}

test("the official sample is a flow definition, and its retry gets the documented defaults", () => {
  expect(parseFlowDefinition(officialSample(), "sample.json").retries).toEqual([
    { name: "test", delay: 1, max_attempts: 3 },
  ]);
});

test("the API's state example is accepted with invoke_mode beside function_ref", () => {
  const flow = changed(officialSample(), { "states.0.actions.0.invoke_mode": "synchronize" });

  expect(faultsOf(flow)).toEqual([]);
});

test("one error lists every fault by path and state, in plain words", () => {
  const flow = changed(flowFile("create-mesh"), {
    name: "create mesh",
    start: undefined,
    colour: "red",
    mode: "FAST",
    "retries.0.delay": 31,
    "retries.1.max_attempts": 0,
    "states.0.type": "switch",
    "states.1.duration": 0.5,
    "states.2.actions": [],
    "states.3.end": "no",
    "states.4.transition": "settle",
  });

  expect(faultsOf(flow)).toEqual([
    "night.json is not a valid flow definition:",
    "- name: must be 1 to 64 of A-Z a-z 0-9 _ ( ) . - or Chinese characters, without spaces",
    "- start: is missing",
    '- states[0].type (state create-mesh): must be "Operation", "Sleep" or "End" (capitalised)',
    "- states[1].duration (state settle): must be a whole number",
    "- states[2].actions (state poll-status): must name at least one function to call",
    "- states[3].end (state notify): must be of type boolean",
    "- states[4].transition (state done): must be empty: nothing follows an End state",
    "- retries[0].delay: must be at most 30",
    "- retries[1].max_attempts: must be at least 1",
    '- mode: must be "NORMAL" or "EXPRESS"',
    "- the file: does not belong here: colour",
  ]);
});

const longId = "x".repeat(65);
const wellFormed = flowFile("create-mesh");

test.each([
  ["a Sleep of 86400 seconds is accepted", { "states.1.duration": 86_400 }, []],
  [
    "a Sleep of 86401 seconds is refused",
    { "states.1.duration": 86_401 },
    ["- states[1].duration (state settle): must be at most 86400"],
  ],
  [
    "a state id of 65 characters is refused",
    { "states.1.id": longId },
    [`- states[1].id (state ${longId}): must be at most 64 characters`],
  ],
  [
    "a state name with a space is refused",
    { "states.1.name": "settle down" },
    [
      "- states[1].name (state settle): must be 1 to 256 of A-Z a-z 0-9 _ ( ) . - or Chinese characters, without spaces",
    ],
  ],
  [
    "a condition of 257 characters is refused",
    { "states.0.on_errors.0.error": `$.${"x".repeat(250)} == 1` },
    ["- states[0].on_errors[0].error (state create-mesh): must be at most 256 characters"],
  ],
  [
    "101 states are refused",
    { states: Array.from({ length: 101 }, () => wellFormed.states[4]) },
    ["- states: must be at most 100 entries"],
  ],
  [
    "11 actions in one state are refused",
    { "states.3.actions": Array.from({ length: 11 }, () => wellFormed.states[3].actions[0]) },
    ["- states[3].actions (state notify): must be at most 10 entries"],
  ],
  [
    "an asynchronous call is refused",
    { "states.3.actions.0.function_ref.invoke_mode": "asynchronous" },
    [
      '- states[3].actions[0].function_ref.invoke_mode (state notify): must be "synchronize": a flow calls its functions no other way',
    ],
  ],
])("%s", (_, changes, faults) => {
  expect(faultsOf(changed(wellFormed, changes)).slice(1)).toEqual(faults);
});

test.each([[null], [[]], ["create-mesh"]])("%j is refused as a whole", (json) => {
  expect(faultsOf(json)).toEqual([
    "night.json is not a valid flow definition:",
    "- the file: must be of type object",
  ]);
});
