import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { checkDefinition, type Finding } from "../../workflows/check-definition.ts";
import { changed, flowFile, officialSample } from "./sample-flows.ts";

const flow = flowFile("create-mesh");
const [create, settle, poll, notify, done] = flow.states;

function check(json: unknown, options: object = {}): string[] {
  return checkDefinition(json, { file: "night.json", ...options }).map(
    ({ level, state, path, message, fix }: Finding) =>
      `${level} ${state ?? "-"} ${path ?? "-"}: ${message}; ${fix}`,
  );
}

test.each(["create-mesh", "delete-mesh"] as const)(
  "%s.json has nothing to mend, 30 minutes of deadline included",
  (name) => {
    const functions = ["create-mesh", "poll-status", "delete-mesh", "notify"];

    expect(check(flowFile(name), { deadlineSeconds: 1_800, functions })).toEqual([]);
  },
);

test("a finding names file, line, state, path, message and fix", () => {
  const text = readFileSync(new URL("../../workflows/create-mesh.json", import.meta.url), "utf8");

  expect(
    checkDefinition(changed(flow, { "states.1.transition": "poll" }), { file: "night.json", text }).filter(
      (finding) => finding.path?.endsWith("transition"),
    ),
  ).toEqual([
    {
      level: "error",
      file: "night.json",
      line: text.split("\n").findIndex((row) => row.includes('"id": "settle"')) + 1,
      state: "settle",
      path: "states[1].transition",
      message: '"poll" is no state of this flow',
      fix: "use one of: create-mesh, settle, poll-status, notify, done",
    },
  ]);
});

test("faults of the shape are findings too, and come alone", () => {
  expect(check(changed(flow, { "states.4.transition": "settle", "states.1.duration": 0 }))).toEqual([
    "error settle states[1].duration: states[1].duration must be at least 1; see states[].duration in flow.schema.json",
    "error done states[4].transition: states[4].transition must be empty: nothing follows an End state; see states[].transition in flow.schema.json",
  ]);
});

test("more than 100 states are an error", () => {
  const states = [
    ...Array.from({ length: 101 }, (_, n) => ({ ...settle, id: `s${n}`, transition: `s${n + 1}` })),
    done,
  ];

  expect(check({ ...flow, states })).toEqual([
    "error - states: states must be at most 100 entries; see states in flow.schema.json",
  ]);
});

test.each([
  [
    "a start that is no state",
    { start: "create" },
    [
      'error - start: "create" is no state of this flow; use one of: create-mesh, settle, poll-status, notify, done',
    ],
  ],
  [
    "a function that is not declared",
    { "states.3.actions.0.function_ref.ref_name": "tell" },
    [
      'error notify states[3].actions[0].function_ref.ref_name: "tell" is no function of this flow; use one of: create-mesh, poll-status, notify',
      'warning - functions[2]: the function "notify" is never called; call it or remove it',
    ],
  ],
  [
    "a retry that is not declared",
    { "states.0.on_errors.0.retry_ref": "forever" },
    [
      'error create-mesh states[0].on_errors[0].retry_ref: "forever" is no retry of this flow; use one of: every-20s-8-times, every-30s-8-times',
      'warning - retries[0]: the retry "every-20s-8-times" is never used; name it in a retry_ref or remove it',
    ],
  ],
  [
    "an on_errors transition that is no state",
    { "states.2.on_errors.2.transition": "alarm" },
    [
      'error poll-status states[2].on_errors[2].transition: "alarm" is no state of this flow; use one of: create-mesh, settle, poll-status, notify, done',
    ],
  ],
  [
    "two states, functions or retries of one name",
    {
      states: [...flow.states, { ...done }],
      functions: [...flow.functions, flow.functions[2]],
      retries: [...flow.retries, flow.retries[0]],
    },
    [
      'error done states[5]: the state id "done" is used twice; give each one a name of its own',
      'error - functions[3]: the function name "notify" is used twice; give each one a name of its own',
      'error - retries[2]: the retry name "every-20s-8-times" is used twice; give each one a name of its own',
    ],
  ],
  [
    "something that is no function URN",
    { "functions.2.operation": "notify" },
    [
      `error - functions[2].operation: "notify" is not the URN of a function; write urn:fss:\${region}:\${project_id}:function:default:notify:\${alias}`,
    ],
  ],
  [
    "an argument that cannot be resolved",
    { "states.3.actions.0.function_ref.arguments.channel": "$.channel | ops" },
    [
      `error notify states[3].actions[0].function_ref.arguments: cannot resolve "$.channel | ops": the default "ops" is not a number, a single-quoted string, true, false, null or a path.; write a path with at most one default: $.channel | 'ops'`,
    ],
  ],
  [
    "constants, of whichever spelling",
    {
      "states.3.actions.0.function_ref.arguments.channel": "$.channel | $CONST.channel",
      "states.2.actions.0.function_ref.arguments.nested": { channel: "$.constants.channel" },
    },
    [
      "warning poll-status states[2].actions[0].function_ref.arguments: the arguments read constants, whose root the documents name in two ways ($CONST, $.constants); give the value itself, or let the function read it from its environment",
      "warning notify states[3].actions[0].function_ref.arguments: the arguments read constants, whose root the documents name in two ways ($CONST, $.constants); give the value itself, or let the function read it from its environment",
    ],
  ],
])("%s is found", (_, changes, findings) => {
  expect(check(changed(flow, changes))).toEqual(findings);
});

test("a function that does not exist is found when the functions are known", () => {
  expect(check(flow, { functions: ["create-mesh", "notify"] })).toEqual([
    'error - functions[1].name: there is no function "poll-status"; use one of: create-mesh, notify',
  ]);
});

test("a circle is an error that shows the way round, also through on_errors", () => {
  expect(check(changed(flow, { "states.2.on_errors.0.transition": "settle" }))).toContain(
    "error settle -: the flow runs in a circle: settle -> poll-status -> settle; FunctionGraph takes only flows without loops: call a state again with on_errors and a retry",
  );
});

test("a state that leads to itself is a circle", () => {
  expect(check(changed(flow, { "states.1.transition": "settle" }))[0]).toBe(
    "error settle -: the flow runs in a circle: settle -> settle; FunctionGraph takes only flows without loops: call a state again with on_errors and a retry",
  );
});

test("a state that nothing leads to is an error", () => {
  expect(check({ ...flow, states: [...flow.states, { ...settle, id: "lonely" }] })).toEqual([
    'error lonely states[5]: nothing leads to the state "lonely"; name it in another state\'s transition, or remove it',
  ]);
});

test("a state from which no end is reached is an error, and so is one without a successor", () => {
  expect(
    check({ ...flow, states: [create, settle, poll, { ...notify, on_errors: [], transition: "" }] }),
  ).toEqual([
    'error create-mesh states[0]: no End state can be reached from the state "create-mesh"; let one of its transitions lead to an End state',
    'error settle states[1]: no End state can be reached from the state "settle"; let one of its transitions lead to an End state',
    'error poll-status states[2]: no End state can be reached from the state "poll-status"; let one of its transitions lead to an End state',
    'error notify states[3].transition: the state "notify" does not say which state follows it; name the next state in its transition',
  ]);
});

test.each([
  ["$.error.code == 'ASM.01409001'", "it does not compare with a number"],
  [
    "$.statusCode >= 400 && $.statusCode < 500",
    '"$.statusCode >= 400 && $.statusCode < 500": "400 && $.statusCode < 500" is not a number, a single-quoted string, true, false or null.',
  ],
  ["statusCode >= 400", '"statusCode >= 400": it must begin with a JSONPath such as $.statusCode.'],
])("the condition %s is an error", (condition, why) => {
  expect(check(changed(flow, { "states.0.on_errors.1.error": condition }))[0]).toBe(
    `error create-mesh states[0].on_errors[1]: cannot test ${JSON.stringify(condition)}: ${why}; write a path, one operator and a number: $.statusCode >= 400`,
  );
});

test("an on_errors entry without condition or transition is warned of", () => {
  expect(check(changed(flow, { "states.2.on_errors.1": { retry_ref: "every-30s-8-times" } }))).toEqual([
    'warning poll-status states[2].on_errors[1]: an on_errors entry has no condition, and when it holds then is not documented; add one, such as "error": "$.statusCode >= 400"',
    'warning poll-status states[2].on_errors[1]: nothing says where "poll-status" goes when this entry still holds; add a transition to the on_errors entry',
  ]);
});

test("a state whose failures go on as successes is warned of", () => {
  expect(check(changed(flow, { "states.0.on_errors": [create.on_errors[0]] }))).toEqual([
    'warning create-mesh states[0].on_errors: when "create-mesh" answers 400, 401, 403, 404, 409, 410, 422, 504, the flow goes on to "settle" as if it had succeeded; add an on_errors entry with "$.statusCode >= 400"',
  ]);
  expect(check(changed(flow, { "states.2.on_errors": undefined }))[0]).toMatch(
    /^warning poll-status states\[2\].on_errors: when "poll-status" answers 400, .* the flow goes on to "notify"/,
  );
});

test("a flow whose polling ends before the deadline is an error that shows the time and the way", () => {
  // 5 s of sleep + 8 × (200 s + 30 s)
  expect(check(flow, { deadlineSeconds: 1_845 })).toEqual([]);
  expect(check(flow, { deadlineSeconds: 1_846 })).toEqual([
    "error - -: the flow waits at most 1845 s (create-mesh -> settle -> poll-status -> notify -> done), but a request may take 1846 s; raise waitSeconds, the retry's delay or its max_attempts, or add a Sleep and another poll",
  ]);
});

test("a ladder of sleeps and polls adds up along its longest way", () => {
  const secondPoll = { ...poll, id: "poll-again" };
  const states = [
    create,
    settle,
    changed(poll, { "on_errors.0.transition": "rest" }),
    { ...settle, id: "rest", duration: 3_600, transition: "poll-again" },
    secondPoll,
    notify,
    done,
  ];

  // 5 + 8 × 230 + 3,600 + 8 × 230
  expect(check({ ...flow, states }, { deadlineSeconds: 7_285 })).toEqual([]);
  expect(check({ ...flow, states }, { deadlineSeconds: 7_286 })).toHaveLength(1);
});

test("an EXPRESS flow that can take 5 minutes is an error", () => {
  expect(check({ ...flow, mode: "EXPRESS" })).toEqual([
    'error - mode: an EXPRESS flow ends after 300 s, and create-mesh -> settle -> poll-status -> notify -> done can take 1845 s; set "mode": "NORMAL", or wait less',
  ]);
});

test("a flow that polls nothing has no budget to keep", () => {
  expect(check(officialSample(), { deadlineSeconds: 1_800 })).toEqual([
    'warning - retries[0]: the retry "test" is never used; name it in a retry_ref or remove it',
  ]);
});
