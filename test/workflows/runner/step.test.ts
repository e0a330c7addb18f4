import { describe, expect, test } from "vitest";
import type { FlowDefinition } from "../../../workflows/definition.ts";
import type { Command, RunState, StepEvent, StepRecord } from "../../../workflows/runner/flow-state.ts";
import { step } from "../../../workflows/runner/step.ts";
import { action, flow, operation, pause } from "./flows.ts";

const now = 1_000_000;

/** Steps through events from the start; every state survives being written and read. */
function play(definition: FlowDefinition, input: unknown, ...events: StepEvent[]) {
  let state: RunState | undefined;
  let commands: Command[] = [];
  const records: StepRecord[] = [];
  for (const event of [{ type: "start", input } as const, ...events]) {
    const outcome = step(definition, state, event, now);
    state = JSON.parse(JSON.stringify(outcome.state)) as RunState;
    commands = outcome.commands;
    records.push(...outcome.records);
  }
  return { state: state as RunState, commands, records, types: records.map((r) => r.type) };
}

const result = (output: unknown, index = 0): StepEvent => ({ type: "result", action: index, output });
const threw = (message: string, index = 0): StepEvent => ({
  type: "failed",
  action: index,
  code: "FunctionThrew",
  message,
});
const wake: StepEvent = { type: "wake" };

const polling = (on_errors: { error?: string; retry_ref?: string; transition?: string }[]) =>
  flow([operation("poll", "done", { on_errors }), operation("tell", "done")], {
    retries: [
      { name: "twice", delay: 5, max_attempts: 2 },
      { name: "once", delay: 1, max_attempts: 1 },
    ],
  });

describe("the way through a flow", () => {
  test("a start calls the first state's function with its resolved arguments", () => {
    const definition = flow([
      operation("create", "done", {
        actions: [action("create-mesh", { name: "$.name", type: "$.type | 'InCluster'" })],
      }),
    ]);
    expect(play(definition, { name: "m" }).commands).toEqual([
      {
        type: "invoke",
        function: "create-mesh",
        input: { name: "m", type: "InCluster" },
        stateId: "create",
        attempt: 1,
        action: 0,
      },
    ]);
  });

  test("A1: $ is the execution's input first and the previous state's output afterwards, nothing is merged", () => {
    const definition = flow([operation("a", "b"), operation("b", "done")]);
    const { commands } = play(definition, { first: 1 }, result({ second: 2 }));
    expect(commands).toMatchObject([{ function: "b", input: { all: { second: 2 } } }]);
  });

  test("A14: several states may lead to one, as a jump", () => {
    const definition = flow([
      operation("a", "b", { on_errors: [{ error: "$.x == 1", transition: "join" }] }),
      operation("b", "join"),
      operation("join", "done"),
    ]);
    expect(play(definition, {}, result({ x: 1 })).commands).toMatchObject([{ function: "join" }]);
    expect(play(definition, {}, result({ x: 2 }), result({})).commands).toMatchObject([{ function: "join" }]);
  });

  test("A15: a sleep lasts its duration and passes its data on, whatever its on_errors say", () => {
    const sleeping = { ...pause("settle", "b", 60), on_errors: [{ error: "$.x == 1", transition: "done" }] };
    const definition = flow([operation("a", "settle"), sleeping, operation("b", "done")]);
    const asleep = play(definition, {}, result({ x: 1 }));
    expect(asleep.commands).toEqual([{ type: "sleep", until: now + 60_000 }]);
    expect(asleep.state).toMatchObject({ stateId: "settle", waiting: "sleep", wakeAt: now + 60_000 });
    const awake = play(definition, {}, result({ x: 1 }), wake);
    expect(awake.commands).toMatchObject([{ function: "b", input: { all: { x: 1 } } }]);
    expect(awake.types).toEqual(["start", "result", "wake"]);
  });

  test("A16: state_data_filter shapes what goes in and out, on_errors sees what the function returned", () => {
    const definition = flow([
      operation("a", "b", {
        state_data_filter: { input: "$.in", output: "$.out" },
        on_errors: [{ error: "$.out.bad == true", transition: "tell" }],
      }),
      operation("b", "done", { state_data_filter: { input: "", output: "$.nothing" } }),
      operation("tell", "done"),
    ]);
    expect(play(definition, { in: { x: 1 } }).commands).toMatchObject([{ input: { all: { x: 1 } } }]);
    expect(play(definition, { in: 1 }, result({ out: { y: 2 } })).commands).toMatchObject([
      { function: "b", input: { all: { y: 2 } } },
    ]);
    expect(play(definition, { in: 1 }, result({ out: { bad: true } })).commands).toMatchObject([
      { function: "tell", input: { all: { bad: true } } },
    ]);
    expect(play(definition, { in: 1 }, result({ out: {} }), result({ z: 1 })).state.data).toEqual({});
  });

  test("A17: an End state and end: true mean success whatever the data say, an unknown state means fail", () => {
    const definition = flow([operation("a", "done")]);
    const ended = play(definition, {}, result({ statusCode: 500 }));
    expect(ended.state).toEqual({
      status: "success",
      stateId: "done",
      data: { statusCode: 500 },
      attempt: 1,
    });
    expect(ended.commands).toEqual([{ type: "end" }]);
    const early = flow([operation("a", "", { end: true }), operation("b", "done")]);
    expect(play(early, {}, result({ x: 1 })).state).toMatchObject({ status: "success", data: { x: 1 } });
    const dangling = flow([operation("a", "nowhere")]);
    expect(play(dangling, {}, result({})).state).toMatchObject({
      status: "fail",
      error: { code: "InvalidDefinition", message: 'There is no state "nowhere".' },
    });
    expect(play(flow([operation("a", "")]), {}, result({})).state.error?.message).toBe(
      "The state has no transition.",
    );
  });

  test("A18: a transition back to an earlier state is followed, with retries from zero", () => {
    const definition = flow(
      [
        operation("a", "done", {
          on_errors: [
            { error: "$.statusCode == 202", retry_ref: "once", transition: "b" },
            { error: "$.statusCode == 500", transition: "b" },
          ],
        }),
        operation("b", "a"),
      ],
      { retries: [{ name: "once", delay: 1, max_attempts: 1 }] },
    );
    const round = [result({ statusCode: 202 }), wake, result({ statusCode: 202 }), result({})];
    const twice = play(definition, {}, ...round, ...round);
    expect(twice.commands).toMatchObject([{ function: "a", attempt: 1 }]);
    expect(twice.types.filter((t) => t === "retries-exhausted")).toHaveLength(2);
  });

  test("an event that does not fit the state changes nothing", () => {
    const definition = flow([operation("a", "nap"), pause("nap", "done", 5)]);
    const asleep = play(definition, {}, result({})).state;
    for (const event of [result({}), threw("late"), result({}, 7), { type: "start", input: 1 } as const]) {
      expect(step(definition, asleep, event, now)).toEqual({ state: asleep, commands: [], records: [] });
    }
    const running = play(definition, {}).state;
    expect(step(definition, running, wake, now)).toEqual({ state: running, commands: [], records: [] });
  });

  test("resume gives the commands of the state again, with the same attempt", () => {
    const definition = polling([{ error: "$.statusCode == 202", retry_ref: "twice" }]);
    const second = play(definition, {}, result({ statusCode: 202 }), wake);
    expect(second.commands).toMatchObject([{ function: "poll", attempt: 2 }]);
    expect(step(definition, second.state, { type: "resume" }, now).commands).toEqual(second.commands);
  });
});

describe("on_errors", () => {
  test("true: retried after the delay; false at any point: the normal branch", () => {
    const definition = polling([{ error: "$.statusCode == 202", retry_ref: "twice", transition: "tell" }]);
    const first = play(definition, { r: 1 }, result({ statusCode: 202 }));
    expect(first.commands).toEqual([{ type: "sleep", until: now + 5_000 }]);
    expect(first.state).toMatchObject({ stateId: "poll", waiting: "retry", attempt: 2 });
    const again = play(definition, { r: 1 }, result({ statusCode: 202 }), wake);
    expect(again.commands).toMatchObject([{ function: "poll", input: { all: { r: 1 } }, attempt: 2 }]);
    const good = play(definition, { r: 1 }, result({ statusCode: 202 }), wake, result({ statusCode: 200 }));
    expect(good.state).toMatchObject({ status: "success", data: { statusCode: 200 } });
  });

  test("A24: a retried state gets its own input again, not the output of its last try", () => {
    const definition = polling([{ error: "$.statusCode == 202", retry_ref: "twice", transition: "tell" }]);
    const events = [
      result({ statusCode: 202, seen: "first" }),
      wake,
      result({ statusCode: 202, seen: 2 }),
      wake,
    ];
    const third = play(definition, { r: 1 }, ...events);
    expect(third.commands).toMatchObject([{ function: "poll", input: { all: { r: 1 } }, attempt: 3 }]);
    expect(third.state.data).toEqual({ r: 1 });
    expect(
      play(definition, { r: 1 }, ...events, result({ statusCode: 202, seen: 3 })).commands,
    ).toMatchObject([{ function: "tell", input: { all: { statusCode: 202, seen: 3 } } }]);
    const chain = flow(
      [
        operation("two", "done", {
          actions: [action("one"), action("other")],
          on_errors: [{ error: "$.statusCode == 202", retry_ref: "once" }],
        }),
      ],
      { retries: [{ name: "once", delay: 1, max_attempts: 1 }] },
    );
    const again = play(chain, { r: 1 }, result({ one: 1 }), result({ statusCode: 202 }, 1), wake);
    expect(again.commands).toMatchObject([{ function: "other", input: { all: { one: 1 } }, attempt: 2 }]);
  });

  test("A10: max_attempts counts retries, each on_errors entry for itself", () => {
    const definition = polling([
      { error: "$.statusCode == 503", retry_ref: "once", transition: "tell" },
      { error: "$.statusCode == 202", retry_ref: "twice", transition: "tell" },
    ]);
    const codes = [202, 503, 202];
    const events = codes.flatMap((statusCode) => [result({ statusCode }), wake]);
    const fourth = play(definition, {}, ...events);
    expect(fourth.commands).toMatchObject([{ function: "poll", attempt: 4 }]);
    const exhausted = play(definition, {}, ...events, result({ statusCode: 202, why: "still" }));
    expect(exhausted.commands).toMatchObject([
      { function: "tell", input: { all: { statusCode: 202, why: "still" } }, attempt: 1 },
    ]);
  });

  test("A11: exhausted retries are a record of their own and lead to the transition, without one to fail", () => {
    const definition = polling([{ error: "$.statusCode == 202", retry_ref: "once", transition: "tell" }]);
    const events = [result({ statusCode: 202 }), wake, result({ statusCode: 202 })];
    const told = play(definition, {}, ...events);
    expect(told.types).toEqual(["start", "result", "result", "retries-exhausted"]);
    expect(told.records.at(-1)).toEqual({
      type: "retries-exhausted",
      stateId: "poll",
      attempt: 2,
      data: {
        code: "RetriesExhausted",
        message: 'State "poll": $.statusCode == 202 still held after 1 retry.',
      },
    });
    const without = polling([{ error: "$.statusCode == 202", retry_ref: "once" }]);
    const failed = play(without, {}, ...events);
    expect(failed.state).toMatchObject({
      status: "fail",
      stateId: "poll",
      error: { code: "RetriesExhausted" },
    });
    expect(failed.types).toEqual(["start", "result", "result", "retries-exhausted", "end"]);
  });

  test("A5: the first entry that holds decides, also when its retries are used up", () => {
    const definition = flow(
      [
        operation("poll", "done", {
          on_errors: [
            { error: "$.statusCode >= 500", retry_ref: "once", transition: "first" },
            { error: "$.statusCode >= 400", transition: "second" },
          ],
        }),
        operation("first", "done"),
        operation("second", "done"),
      ],
      { retries: [{ name: "once", delay: 1, max_attempts: 1 }] },
    );
    const events = [result({ statusCode: 503 }), wake, result({ statusCode: 503 })];
    expect(play(definition, {}, ...events).commands).toMatchObject([{ function: "first" }]);
    expect(play(definition, {}, result({ statusCode: 404 })).commands).toMatchObject([
      { function: "second" },
    ]);
  });

  test("A6: an entry without retry_ref branches at once, without transition too it ends fail", () => {
    const branch = polling([{ error: "$.statusCode >= 400", transition: "tell" }]);
    expect(play(branch, {}, result({ statusCode: 422 })).commands).toMatchObject([{ function: "tell" }]);
    const nothing = polling([{ error: "$.statusCode >= 400" }]);
    const error = { code: "ASM.1", message: "no" };
    expect(play(nothing, {}, result({ statusCode: 422, error })).state).toMatchObject({
      status: "fail",
      error,
    });
    expect(play(nothing, {}, result({ statusCode: 422 })).state.error?.code).toBe("Unhandled");
  });

  test("A7: a function that threw or ran out of time gives its input with a statusCode and an error", () => {
    const definition = polling([{ error: "$.statusCode >= 500", transition: "tell" }]);
    const input = { request: { id: 7 } };
    const echoing = {
      ...definition,
      states: [
        {
          ...operation("poll", "done"),
          ...definition.states[0],
          actions: [action("poll", { request: "$.request" })],
        },
        ...definition.states.slice(1),
      ],
    } as FlowDefinition;
    expect(play(echoing, input, threw("boom")).commands).toMatchObject([
      {
        function: "tell",
        input: {
          all: { request: { id: 7 }, statusCode: 500, error: { code: "FunctionThrew", message: "boom" } },
        },
      },
    ]);
    const late: StepEvent = {
      type: "failed",
      action: 0,
      code: "FunctionTimedOut",
      message: "slow",
      timedOut: true,
    };
    expect(play(echoing, input, late).commands).toMatchObject([{ input: { all: { statusCode: 503 } } }]);
  });

  test("A8: a thrown error that nothing matches ends the execution with fail", () => {
    const definition = polling([{ error: "$.statusCode == 404", transition: "tell" }]);
    expect(play(definition, { r: 1 }, threw("boom")).state).toMatchObject({
      status: "fail",
      stateId: "poll",
      data: { r: 1 },
      error: { code: "FunctionThrew", message: "boom" },
    });
  });

  test("A9: an entry without a condition stands for a function that threw, nothing else", () => {
    const definition = polling([{ transition: "tell" }]);
    expect(play(definition, {}, threw("boom")).commands).toMatchObject([{ function: "tell" }]);
    expect(play(definition, {}, result({ statusCode: 500 })).state.status).toBe("success");
  });

  test("an expression that cannot be read ends the execution with fail and says which", () => {
    const condition = polling([{ error: "$.a = 1", transition: "tell" }]);
    expect(play(condition, {}, result({})).state).toMatchObject({
      status: "fail",
      error: { code: "InvalidExpression", message: expect.stringContaining('State "poll": "$.a = 1"') },
    });
    const args = flow([operation("a", "done", { actions: [action("a", { x: "$.a[" })] })]);
    expect(play(args, {}).state).toMatchObject({ status: "fail", error: { code: "InvalidExpression" } });
    const missing = polling([{ error: "$.a == 1", retry_ref: "none" }]);
    expect(play(missing, {}, result({ a: 1 })).state.error?.message).toBe('There is no retry "none".');
  });
});

describe("several actions", () => {
  const actions = [action("one"), action("two"), action("three")];
  const retries = [{ name: "once", delay: 1, max_attempts: 1 }];

  test("A12: sequential ones hand on their output; a retry repeats the failed one only", () => {
    const definition = flow(
      [
        operation("both", "done", {
          actions,
          on_errors: [{ error: "$.statusCode >= 500", retry_ref: "once", transition: "tell" }],
        }),
        operation("tell", "done"),
      ],
      { retries },
    );
    const second = play(definition, { i: 0 }, result({ i: 1 }));
    expect(second.commands).toMatchObject([{ function: "two", input: { all: { i: 1 } }, action: 1 }]);
    const retried = play(definition, { i: 0 }, result({ i: 1 }), result({ statusCode: 500 }, 1), wake);
    expect(retried.commands).toMatchObject([{ function: "two", input: { all: { i: 1 } }, attempt: 2 }]);
    expect(step(definition, retried.state, { type: "resume" }, now).commands).toEqual(retried.commands);
    const end = play(definition, {}, result({ i: 1 }), result({ i: 2 }, 1), result({ i: 3 }, 2));
    expect(end.state).toMatchObject({ status: "success", data: { i: 3 } });
    expect(end.types).toEqual(["start", "result", "result", "result", "end"]);
    expect(play(definition, {}, result({ i: 1 }), threw("no", 2)).commands).toEqual([]);
  });

  test("A13: parallel ones are all awaited, merged with the worst statusCode, and the bad ones repeated", () => {
    const definition = flow(
      [
        operation("all", "done", {
          actions,
          action_mode: "parallel",
          on_errors: [{ error: "$.statusCode >= 500", retry_ref: "once", transition: "tell" }],
        }),
        operation("tell", "done"),
      ],
      { retries },
    );
    const started = play(definition, { i: 0 });
    expect(started.commands.map((c) => c.type === "invoke" && c.action)).toEqual([0, 1, 2]);
    const partly = play(
      definition,
      {},
      result({ statusCode: 503, a: 1 }, 2),
      result({ statusCode: 200, a: 2 }, 0),
    );
    expect(partly.commands).toEqual([]);
    expect(step(definition, partly.state, { type: "resume" }, now).commands).toMatchObject([{ action: 1 }]);
    const bad = [
      result({ statusCode: 503, a: 1 }, 2),
      result({ statusCode: 200, b: 2 }, 0),
      result("text", 1),
    ];
    const again = play(definition, {}, ...bad, wake);
    expect(again.commands).toMatchObject([{ function: "three", action: 2, attempt: 2 }]);
    const end = play(definition, {}, ...bad, wake, result({ statusCode: 200, a: 3, b: 4 }, 2));
    expect(end.state).toMatchObject({
      status: "success",
      data: {
        a: 3,
        b: 4,
        statusCode: 200,
        result: [{ statusCode: 200, b: 2 }, "text", { statusCode: 200, a: 3, b: 4 }],
      },
    });
    const exhausted = play(definition, {}, ...bad, wake, result({ statusCode: 500 }, 2));
    expect(exhausted.commands).toMatchObject([{ function: "tell", input: { all: { statusCode: 500 } } }]);
    const thrown = play(
      flow([operation("all", "done", { actions, action_mode: "parallel" })]),
      {},
      threw("x", 1),
      result({}),
      result({}, 2),
    );
    expect(thrown.state).toMatchObject({ status: "fail", error: { message: "x" } });
  });
});

describe("ends that come from outside", () => {
  const definition = flow([operation("a", "nap"), pause("nap", "done", 5)]);

  test("cancel ends a sleeping or running execution and nothing changes it afterwards", () => {
    for (const events of [[], [result({})]] as StepEvent[][]) {
      const cancelled = play(definition, {}, ...events, { type: "cancel", reason: "not needed" });
      expect(cancelled.state).toMatchObject({
        status: "cancel",
        error: { code: "Cancelled", message: "not needed" },
      });
      expect(cancelled.state).not.toHaveProperty("wakeAt");
      expect(cancelled.commands).toEqual([{ type: "end" }]);
      for (const late of [result({}), wake, { type: "cancel" }, { type: "deadline" }] as StepEvent[])
        expect(step(definition, cancelled.state, late, now).state).toEqual(cancelled.state);
    }
  });

  test("a deadline ends it with timeout and names the state", () => {
    expect(play(definition, {}, { type: "deadline" }).state).toMatchObject({
      status: "timeout",
      error: { code: "DeadlinePassed", message: 'The deadline passed in state "a" (try 1).' },
    });
  });

  test("A19: redrive goes on at the state in which it ended, retries from zero, with the input corrected if given", () => {
    const retrying = polling([{ error: "$.statusCode == 202", retry_ref: "once" }]);
    const failed = play(
      retrying,
      { v: 1 },
      result({ statusCode: 202 }),
      wake,
      result({ statusCode: 202 }),
    ).state;
    const again = step(retrying, failed, { type: "redrive" }, now);
    expect(again.commands).toMatchObject([{ function: "poll", input: { all: { v: 1 } }, attempt: 1 }]);
    expect(again.state).toEqual({
      status: "running",
      stateId: "poll",
      data: { v: 1 },
      attempt: 1,
      results: [null],
    });
    const corrected = step(retrying, failed, { type: "redrive", input: { v: 2 } }, now);
    expect(corrected.commands).toMatchObject([{ input: { all: { v: 2 } } }]);
    expect(corrected.records).toEqual([{ type: "redrive", stateId: "poll", attempt: 1, data: { v: 2 } }]);
    const asleep = play(definition, {}, result({ x: 1 }), { type: "cancel" }).state;
    expect(step(definition, asleep, { type: "redrive" }, now).commands).toEqual([
      { type: "sleep", until: now + 5_000 },
    ]);
  });

  test("redrive keeps the results of the actions that were done", () => {
    const two = flow([operation("a", "done", { actions: [action("one"), action("two")] })]);
    const failed = play(two, {}, result({ i: 1 }), threw("x", 1)).state;
    expect(step(two, failed, { type: "redrive" }, now).commands).toMatchObject([
      { function: "two", input: { all: { i: 1 } } },
    ]);
  });
});
