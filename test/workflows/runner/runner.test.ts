import { describe, expect, test } from "vitest";
import type { CommitRecord } from "../../../workflows/runner/commit-queue.ts";
import {
  ExecutionStateError,
  KeyConflictError,
  UnknownExecutionError,
} from "../../../workflows/runner/errors.ts";
import { openJournal } from "../../../workflows/runner/journal.ts";
import type { Invoke, RunnerEvent } from "../../../workflows/runner/runner.ts";
import { action, flow, operation, pause } from "./flows.ts";
import { cleanUp, gate, journalFile, openRunner } from "./setup.ts";
import { settle, VirtualClock } from "./virtual-clock.ts";

const echo: Invoke = async (name, input) => ({ ...(input as object), by: name });
const two = flow([operation("a", "b"), operation("b", "done")]);

describe("start by key", () => {
  test("runs a flow to its end and keeps every step", async () => {
    const runner = openRunner({ invoke: echo });
    const handle = await runner.start({ definition: two, input: { x: 1 }, key: "k" });
    expect(handle).toMatchObject({ key: "k", created: true, id: "8254c329a92850f6d539dd376f4816ee" });
    const start = Date.UTC(2026, 0, 1);
    expect(await handle.result()).toEqual({
      id: handle.id,
      key: "k",
      flow: "test-flow",
      status: "success",
      stateId: "done",
      attempt: 1,
      startedAt: start,
      updatedAt: start,
      endedAt: start,
      definitionHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      input: { x: 1 },
      output: { all: { all: { x: 1 }, by: "a" }, by: "b" },
    });
    expect(runner.get(handle.id)).toEqual(await handle.result());
    expect(runner.history(handle.id).map(({ seq, type, stateId }) => [seq, type, stateId])).toEqual([
      [1, "start", "a"],
      [2, "result", "a"],
      [3, "result", "b"],
      [4, "end", "done"],
    ]);
    expect(runner.definition(handle.id)).toEqual(two);
  });

  test("A20: same key and same input is the same execution, running, ended and after a restart", async () => {
    const journal = journalFile();
    const calls: string[] = [];
    const invoke: Invoke = async (name) => {
      calls.push(name);
      return {};
    };
    const runner = openRunner({ journal, invoke });
    const options = { definition: two, input: { x: 1, y: { z: [1] } }, key: "k" };
    const handles = await Promise.all([runner.start(options), runner.start(options), runner.start(options)]);
    expect(handles.map((h) => h.created)).toEqual([true, false, false]);
    expect(new Set(handles.map((h) => h.id)).size).toBe(1);
    await handles[0].result();
    await runner.close();
    const again = openRunner({ journal, invoke });
    const other = flow([operation("other", "done")]);
    const handle = await again.start({ definition: other, input: { y: { z: [1] }, x: 1 }, key: "k" });
    expect(handle.created).toBe(false);
    expect((await handle.result()).status).toBe("success");
    expect(calls).toEqual(["a", "b"]);
  });

  test("same key and another input is an error that shows the paths and values", async () => {
    const runner = openRunner({ invoke: echo });
    const input = { mesh: { name: "a", tags: ["x"] }, at: 1 };
    const { id } = await runner.start({ definition: two, input, key: "k" });
    const other = { mesh: { name: "b", tags: ["x", "y"] }, at: 2, "new-one": true };
    const refused = runner.start({ definition: two, input: other, key: "k" });
    await expect(refused).rejects.toThrow(KeyConflictError);
    await expect(refused).rejects.toThrow(
      `The key "k" belongs to execution ${id}, which was started with another input:\n` +
        '  $.mesh.name: stored "a", given "b"\n' +
        '  $.mesh.tags[1]: stored nothing, given "y"\n' +
        "  $.at: stored 1, given 2\n" +
        '  $["new-one"]: stored nothing, given true\n',
    );
    const ignoreDifferences = ["$.mesh", "$.at", '$["new-one"]'];
    const accepted = await runner.start({ definition: two, input: other, key: "k", ignoreDifferences });
    expect(accepted).toMatchObject({ id, created: false });
  });

  test("an execution id of another key is refused", async () => {
    const runner = openRunner({ invoke: echo });
    await runner.start({ definition: two, input: {}, key: "k", executionId: "e" });
    const refused = runner.start({ definition: two, input: {}, key: "other", executionId: "e" });
    await expect(refused).rejects.toThrow('stored "k", given "other"');
  });

  test("what is not JSON is refused before anything is written", async () => {
    const runner = openRunner();
    await expect(runner.start({ definition: two, input: undefined, key: "k" })).rejects.toThrow(TypeError);
    expect(runner.list()).toEqual([]);
  });
});

describe("functions", () => {
  test("A23: learn execution, state, attempt and action", async () => {
    const seen: unknown[] = [];
    const definition = flow(
      [operation("a", "done", { on_errors: [{ error: "$.statusCode == 202", retry_ref: "r" }] })],
      { retries: [{ name: "r", delay: 1, max_attempts: 3 }] },
    );
    const runner = openRunner({
      invoke: async (name, input, { signal, ...context }) => {
        seen.push([name, input, context, signal.aborted]);
        return { statusCode: seen.length < 3 ? 202 : 200 };
      },
    });
    const { id, result } = await runner.start({ definition, input: { x: 1 }, key: "k" });
    await result();
    const context = { executionId: id, stateId: "a", action: 0 };
    expect(seen).toEqual([
      ["a", { all: { x: 1 } }, { ...context, attempt: 1 }, false],
      ["a", { all: { x: 1 } }, { ...context, attempt: 2 }, false],
      ["a", { all: { x: 1 } }, { ...context, attempt: 3 }, false],
    ]);
  });

  test.each([
    ["undefined", undefined, "returned nothing"],
    ["a BigInt", 1n, "returned what is not JSON"],
  ])("A21: returning no JSON counts as having thrown: %s", async (_, output, message) => {
    const runner = openRunner({ invoke: async () => output });
    const { result } = await runner.start({ definition: two, input: {}, key: "k" });
    expect(await result()).toMatchObject({
      status: "fail",
      error: { code: "ResultNotJson", message: expect.stringContaining(message) },
    });
  });

  test("that throw at once or with a code are recorded as failed", async () => {
    const runner = openRunner({
      invoke: (name) => {
        throw Object.assign(new Error(`${name} broke`), { code: "E_BROKE" });
      },
    });
    const { id, result } = await runner.start({ definition: two, input: {}, key: "k" });
    expect(await result()).toMatchObject({ status: "fail", error: { code: "E_BROKE", message: "a broke" } });
    expect(runner.history(id).map((e) => e.type)).toEqual(["start", "failed", "end"]);
  });

  test("A22: a call that takes too long is aborted and recorded as failed, the flow goes on", async () => {
    let signal: AbortSignal | undefined;
    const definition = flow([
      operation("slow", "done", { on_errors: [{ error: "$.statusCode == 503", transition: "tell" }] }),
      operation("tell", "done"),
    ]);
    const runner = openRunner({
      invokeTimeoutMs: 60_000,
      invoke: async (name, input, context) => {
        if (name === "tell") return input;
        signal = context.signal;
        await new Promise(() => {});
      },
    });
    const { id, result } = await runner.start({ definition, input: {}, key: "k" });
    expect(await result()).toMatchObject({ status: "success", output: { all: { statusCode: 503 } } });
    expect(signal?.aborted).toBe(true);
    expect(runner.history(id)[1]).toMatchObject({
      type: "failed",
      at: Date.UTC(2026, 0, 1, 0, 1),
      data: { code: "FunctionTimedOut", message: 'The function "slow" did not answer within 60 s.' },
    });
  });

  test("no more than `concurrency` are in flight", async () => {
    let flying = 0;
    let most = 0;
    const runner = openRunner({
      concurrency: 3,
      invoke: async () => {
        most = Math.max(most, ++flying);
        await settle();
        flying -= 1;
        return {};
      },
    });
    const handles = await Promise.all(
      Array.from({ length: 12 }, (_, i) => runner.start({ definition: two, input: {}, key: `k${i}` })),
    );
    await Promise.all(handles.map((h) => h.result()));
    expect(most).toBe(3);
  });

  test("parallel actions run side by side, each result a record of its own", async () => {
    const order: string[] = [];
    const gates: Record<string, ReturnType<typeof gate<void>>> = { one: gate<void>(), two: gate<void>() };
    const definition = flow([
      operation("both", "done", { action_mode: "parallel", actions: [action("one"), action("two")] }),
    ]);
    const runner = openRunner({
      clock: new VirtualClock({ auto: false }),
      invoke: async (name) => {
        order.push(name);
        await gates[name]?.opened;
        return { [name]: true };
      },
    });
    const { id, result } = await runner.start({ definition, input: {}, key: "k" });
    await settle();
    expect(order).toEqual(["one", "two"]);
    gates.two?.open();
    await settle();
    expect(runner.history(id).map((e) => [e.type, e.action])).toEqual([
      ["start", undefined],
      ["result", 1],
    ]);
    gates.one?.open();
    expect((await result()).output).toMatchObject({ one: true, two: true });
  });
});

describe("retries exhausted is an event like any other: the flow's notify runs", () => {
  test("and it is told, recorded and visible", async () => {
    const events: RunnerEvent[] = [];
    const definition = flow(
      [
        operation("poll", "done", {
          on_errors: [{ error: "$.statusCode == 202", retry_ref: "r", transition: "notify" }],
        }),
        operation("notify", "done"),
      ],
      { retries: [{ name: "r", delay: 30, max_attempts: 8 }] },
    );
    const calls: string[] = [];
    const clock = new VirtualClock();
    const runner = openRunner({
      clock,
      onEvent: (event) => events.push(event),
      invoke: async (name, input) => {
        calls.push(name);
        return name === "poll" ? { statusCode: 202 } : input;
      },
    });
    const { id, result } = await runner.start({ definition, input: {}, key: "k" });
    expect((await result()).status).toBe("success");
    expect(calls).toEqual([...Array.from({ length: 9 }, () => "poll"), "notify"]);
    expect(clock.now()).toBe(Date.UTC(2026, 0, 1) + 8 * 30_000);
    expect(runner.history(id).filter((e) => e.type === "retries-exhausted")).toMatchObject([
      { stateId: "poll", attempt: 9, data: { code: "RetriesExhausted" } },
    ]);
    expect(events.map((e) => e.type)).toContain("retries-exhausted");
  });
});

describe("cancel is final and immediate", () => {
  test("it interrupts a sleep", async () => {
    const clock = new VirtualClock({ auto: false });
    const runner = openRunner({ clock, invoke: echo });
    const definition = flow([pause("nap", "a", 3_600), operation("a", "done")]);
    const { id, result } = await runner.start({ definition, input: {}, key: "k" });
    expect(runner.get(id)).toMatchObject({
      status: "running",
      waiting: "sleep",
      wakeAt: clock.now() + 3_600_000,
    });
    expect(await runner.cancel(id, "changed my mind")).toMatchObject({
      status: "cancel",
      stateId: "nap",
      endedAt: clock.now(),
      error: { code: "Cancelled", message: "changed my mind" },
    });
    expect((await result()).status).toBe("cancel");
    await clock.advance(7_200_000);
    expect(runner.get(id)?.status).toBe("cancel");
    expect(runner.history(id).map((e) => e.type)).toEqual(["start", "cancel", "end"]);
  });

  test("it aborts the running function, and no late result overwrites it", async () => {
    const late = gate<object>();
    let signal: AbortSignal | undefined;
    const runner = openRunner({
      clock: new VirtualClock({ auto: false }),
      invoke: (_, __, context) => {
        signal = context.signal;
        return late.opened;
      },
    });
    const { id, result } = await runner.start({ definition: two, input: {}, key: "k" });
    await settle();
    await runner.cancel(id);
    expect(signal?.aborted).toBe(true);
    expect(signal?.reason.message).toBe("Cancelled on request.");
    late.open({ statusCode: 200 });
    await settle();
    expect(await result()).toMatchObject({ status: "cancel", stateId: "a" });
    expect(runner.history(id).map((e) => e.type)).toEqual(["start", "cancel", "end"]);
  });

  test("a result and a cancel in the same turn leave one end", async () => {
    const now = gate<object>();
    const runner = openRunner({ clock: new VirtualClock({ auto: false }), invoke: () => now.opened });
    const definition = flow([operation("a", "done")]);
    const { id } = await runner.start({ definition, input: {}, key: "k" });
    await settle();
    now.open({});
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    const { status } = await runner.cancel(id);
    await settle();
    expect(runner.get(id)?.status).toBe(status);
    expect(runner.history(id).filter((e) => e.type === "end")).toHaveLength(1);
  });

  test("an execution that has ended stays as it is", async () => {
    const runner = openRunner({ invoke: echo });
    const { id, result } = await runner.start({ definition: two, input: {}, key: "k" });
    await result();
    expect((await runner.cancel(id)).status).toBe("success");
    await expect(runner.cancel("none")).rejects.toThrow(UnknownExecutionError);
  });
});

describe("redrive goes on from the failed state", () => {
  test("with earlier results kept and the input corrected", async () => {
    const calls: [string, unknown][] = [];
    const runner = openRunner({
      invoke: async (name, input) => {
        calls.push([name, (input as { all: unknown }).all]);
        if (name === "b" && JSON.stringify(input).includes("wrong")) throw new Error("no such mesh");
        return name === "a" ? { mesh: "wrong" } : { ok: true };
      },
    });
    const { id, result } = await runner.start({ definition: two, input: {}, key: "k" });
    expect(await result()).toMatchObject({
      status: "fail",
      stateId: "b",
      error: { message: "no such mesh" },
    });
    expect((await (await runner.redrive(id)).result()).status).toBe("fail");
    const again = await runner.redrive(id, { input: { mesh: "right" } });
    expect(await again.result()).toMatchObject({ status: "success", output: { ok: true }, input: {} });
    expect(calls).toEqual([
      ["a", {}],
      ["b", { mesh: "wrong" }],
      ["b", { mesh: "wrong" }],
      ["b", { mesh: "right" }],
    ]);
    expect(runner.history(id).map((e) => e.type)).toEqual([
      ..."start result failed end redrive failed end redrive result end".split(" "),
    ]);
  });

  test("of a running or successful execution is refused, and past a deadline without a new one", async () => {
    const clock = new VirtualClock();
    const runner = openRunner({ clock, invoke: echo });
    const { id, result } = await runner.start({ definition: two, input: {}, key: "k" });
    await result();
    await expect(runner.redrive(id)).rejects.toThrow(ExecutionStateError);
    await expect(runner.redrive("none")).rejects.toThrow(UnknownExecutionError);
    const nap = flow([pause("nap", "done", 100)]);
    const late = await runner.start({ definition: nap, input: {}, key: "l", timeoutAt: clock.now() + 5_000 });
    expect((await late.result()).status).toBe("timeout");
    await expect(runner.redrive(late.id)).rejects.toThrow("give a new one to redrive it");
    const again = await runner.redrive(late.id, { timeoutAt: clock.now() + 200_000 });
    expect((await again.result()).status).toBe("success");
  });
});

describe("an execution keeps its definition", () => {
  test("stored by content hash: editing a file never strands or changes a running one", async () => {
    const journal = journalFile();
    const clock = new VirtualClock({ auto: false });
    const definition = flow([pause("nap", "a", 60), operation("a", "done")]);
    const calls: string[] = [];
    const invoke: Invoke = async (name) => {
      calls.push(name);
      return {};
    };
    const runner = openRunner({ journal, clock, invoke });
    const { id } = await runner.start({ definition, input: {}, key: "k" });
    // the object is changed as well as what later starts use
    definition.states[1] = operation("changed", "done");
    await runner.close();
    const again = openRunner({ journal, clock, invoke });
    const edited = flow([pause("nap", "new", 1), operation("new", "done")]);
    const second = await again.start({ definition: edited, input: {}, key: "k2" });
    await clock.advance(61_000);
    expect((await again.result(id)).status).toBe("success");
    expect((await second.result()).status).toBe("success");
    expect(calls).toEqual(["new", "a"]);
    expect(again.definition(id)?.states[1]).toEqual(operation("a", "done"));
    expect(again.get(id)?.definitionHash).not.toBe(again.get(second.id)?.definitionHash);
  });
});

describe("one durable record per step", () => {
  test("result and next state are written in one transaction, what runs side by side in one commit", async () => {
    const commits: CommitRecord[][] = [];
    const journal = openJournal(journalFile(), { afterCommit: (records) => commits.push(records) });
    cleanUp(() => journal.close());
    const runner = openRunner({ journal, invoke: echo });
    const start = (key: string) => runner.start({ definition: two, input: {}, key, executionId: key });
    const handles = await Promise.all([start("x"), start("y")]);
    await Promise.all(handles.map((h) => h.result()));
    const short = commits.map((records) =>
      records.map((r) => `${r.executionId}${r.seq} ${r.type} ${r.stateId}`),
    );
    expect(short).toEqual([
      ["x1 start a", "y1 start a"],
      ["x2 result a", "y2 result a"],
      ["x3 result b", "x4 end done", "y3 result b", "y4 end done"],
    ]);
  });

  test("nothing is called before the record that leads to it is on disk", async () => {
    const log: string[] = [];
    const journal = openJournal(journalFile(), {
      afterCommit: (records) => log.push(`commit ${records.map((r) => r.type).join("+")}`),
    });
    cleanUp(() => journal.close());
    const runner = openRunner({
      journal,
      invoke: async (name) => {
        log.push(`call ${name}`);
        return {};
      },
    });
    await (await runner.start({ definition: two, input: {}, key: "k" })).result();
    expect(log).toEqual(["commit start", "call a", "commit result", "call b", "commit result+end"]);
  });

  test("a commit that fails is tried again and the result is not lost", async () => {
    let failures = 0;
    const journal = openJournal(journalFile(), {
      beforeCommit: (records) => {
        if (records[0]?.type === "result" && failures++ < 3) throw new Error("disk full");
      },
    });
    cleanUp(() => journal.close());
    const calls: string[] = [];
    const errors: RunnerEvent[] = [];
    const runner = openRunner({
      journal,
      onEvent: (event) => event.type === "journal-error" && errors.push(event),
      invoke: async (name) => {
        calls.push(name);
        return {};
      },
    });
    const { result } = await runner.start({ definition: two, input: {}, key: "k" });
    expect((await result()).status).toBe("success");
    expect(calls).toEqual(["a", "b"]);
    expect(errors).toMatchObject([{ detail: "disk full" }, { detail: "disk full" }, { detail: "disk full" }]);
  });
});

describe("close", () => {
  test("aborts what is in flight, keeps what it still returns, and everything goes on in the next runner", async () => {
    const journal = journalFile();
    const seen: string[] = [];
    const invoke: Invoke = async (name, _, { signal, attempt }) => {
      seen.push(`${name} ${attempt}`);
      if (name === "stubborn" && seen.length < 3) {
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      }
      if (name === "polite" && seen.length < 3) {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      }
      return { from: name };
    };
    const clock = new VirtualClock({ auto: false });
    const runner = openRunner({ journal, clock, invoke });
    const start = (id: string) =>
      runner.start({ definition: flow([operation(id, "done")]), input: {}, key: id, executionId: id });
    const [stubborn] = await Promise.all([start("stubborn"), start("polite")]);
    await settle();
    const waiting = stubborn.result();
    const closing = runner.close();
    await expect(waiting).rejects.toThrow("The runner was closed before the execution ended");
    await closing;
    await expect(runner.start({ definition: two, input: {}, key: "z" })).rejects.toThrow(
      "The runner is closed.",
    );
    const again = openRunner({ journal, clock, invoke });
    expect(again.get("polite")?.status).toBe("success");
    expect((await again.result("stubborn")).status).toBe("success");
    expect(seen).toEqual(["stubborn 1", "polite 1", "stubborn 1"]);
  });
});

describe("onEvent", () => {
  test("that throws harms no execution", async () => {
    const runner = openRunner({
      invoke: echo,
      onEvent: () => {
        throw new Error("listener broke");
      },
    });
    const { result } = await runner.start({ definition: two, input: {}, key: "k" });
    expect((await result()).status).toBe("success");
  });
});

describe("looking", () => {
  test("lists newest first, by status and flow", async () => {
    const runner = openRunner({
      invoke: async (name) => {
        if (name === "bad") throw new Error("bad");
        return {};
      },
    });
    const bad = flow([operation("bad", "done")], { name: "bad-flow" });
    for (const [key, definition] of [
      ["1", two],
      ["2", bad],
      ["3", two],
    ] as const) {
      await (await runner.start({ definition, input: {}, key })).result();
    }
    expect(runner.list().map((e) => e.key)).toEqual(["3", "2", "1"]);
    expect(runner.list({ status: "fail" }).map((e) => e.key)).toEqual(["2"]);
    expect(runner.list({ status: ["fail", "success"], limit: 2 }).map((e) => e.key)).toEqual(["3", "2"]);
    expect(runner.list({ flow: "bad-flow" }).map((e) => e.key)).toEqual(["2"]);
    expect(runner.get("none")).toBeUndefined();
    expect(runner.history("none")).toEqual([]);
    await expect(runner.result("none")).rejects.toThrow("There is no execution none in the journal");
  });

  test("result gives up when its signal says so, the execution does not", async () => {
    const clock = new VirtualClock({ auto: false });
    const runner = openRunner({ clock });
    const { id } = await runner.start({ definition: flow([pause("nap", "done", 5)]), input: {}, key: "k" });
    const controller = new AbortController();
    const waiting = runner.result(id, { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    expect(runner.get(id)?.status).toBe("running");
  });
});
