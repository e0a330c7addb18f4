import { describe, expect, test } from "vitest";
import type { Invoke, RunnerEvent } from "../../../workflows/runner/runner.ts";
import { flow, operation, pause } from "./flows.ts";
import { gate, journalFile, openRunner } from "./setup.ts";
import { settle, VirtualClock } from "./virtual-clock.ts";

const hour = 3_600_000;
const day = 24 * hour;
const nap = (seconds: number) => flow([pause("nap", "after", seconds), operation("after", "done")]);

/** Thirty days as the language can say them: sleeps of a day each. */
const thirtyDays = flow(
  Array.from({ length: 30 }, (_, i) => pause(`day-${i}`, i < 29 ? `day-${i + 1}` : "done", 86_400)),
);

describe("timers are rows, not promises", () => {
  test("ten thousand sleeping executions are rows: one timer, none of them in memory", async () => {
    const clock = new VirtualClock({ auto: false });
    const woken: string[] = [];
    const runner = openRunner({
      clock,
      invoke: async (name) => {
        woken.push(name);
        return {};
      },
    });
    const definition = nap(hour / 1000);
    const before = process.memoryUsage().heapUsed;
    const ids: string[] = [];
    for (let i = 0; i < 10; i++) {
      const handles = await Promise.all(
        Array.from({ length: 1_000 }, (_, j) => runner.start({ definition, input: {}, key: `${i}-${j}` })),
      );
      ids.push(...handles.map((h) => h.id));
    }
    expect(clock.pending).toBe(1);
    global.gc?.();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(40 * 2 ** 20);
    await clock.advance(hour - 1);
    expect(woken).toHaveLength(0);
    await clock.advance(1);
    for (let i = 0; i < 500 && woken.length < 10_000; i++) await settle();
    expect(woken).toHaveLength(10_000);
    for (let i = 0; i < 500 && runner.list({ status: "running", limit: 1 }).length > 0; i++) await settle();
    expect(runner.list({ status: "success", limit: 10_001 })).toHaveLength(10_000);
  }, 60_000);

  test("overdue ones fire at start-up, and nobody has to call anything", async () => {
    const journal = journalFile();
    const clock = new VirtualClock({ auto: false });
    const runner = openRunner({ journal, clock });
    const { id } = await runner.start({ definition: nap(60), input: {}, key: "k" });
    await runner.close();
    await clock.advance(10 * day);
    const again = openRunner({ journal, clock });
    expect((await again.result(id)).status).toBe("success");
    await settle();
    expect(clock.pending).toBe(0);
  });

  test("delays of thirty days are right", async () => {
    const clock = new VirtualClock({ settable: false });
    const runner = openRunner({ clock });
    const { result } = await runner.start({ definition: thirtyDays, input: { x: 1 }, key: "k" });
    expect(await result()).toMatchObject({ status: "success", output: { x: 1 } });
    expect(clock.now()).toBe(Date.UTC(2026, 0, 31));
  });

  test("a deadline further away than any timer of Node is waited for in pieces", async () => {
    const clock = new VirtualClock({ auto: false });
    const waits: number[] = [];
    const sleep = (ms: number, signal?: AbortSignal) => {
      waits.push(ms);
      return clock.sleep(ms, signal);
    };
    const runner = openRunner({
      clock: { now: clock.now, monotonic: clock.monotonic, sleep },
      invokeTimeoutMs: 1_000 * day,
      invoke: () => new Promise(() => {}),
    });
    const timeoutAt = clock.now() + 40 * day;
    const { id } = await runner.start({ definition: nap(1), input: {}, key: "k", timeoutAt });
    await clock.advance(hour);
    expect(runner.get(id)).toMatchObject({ status: "running", stateId: "after" });
    expect(Math.max(...waits)).toBe(30_000);
    clock.jump(39 * day);
    await clock.advance(day);
    expect(runner.get(id)).toMatchObject({ status: "timeout", endedAt: timeoutAt });
  });

  test("the earliest of many is not missed", async () => {
    const clock = new VirtualClock();
    const ended: string[] = [];
    const runner = openRunner({
      clock,
      onEvent: (event) => event.type === "end" && ended.push(event.executionId ?? ""),
    });
    const lengths = [50, 10, 40, 10, 30, 20];
    const handles = [];
    for (const [i, seconds] of lengths.entries())
      handles.push(
        await runner.start({ definition: nap(seconds), input: {}, key: `${i}`, executionId: `${i}` }),
      );
    await Promise.all(handles.map((h) => h.result()));
    expect(ended.map((id) => lengths[Number(id)])).toEqual([10, 10, 20, 30, 40, 50]);
  });
});

describe("attempts and next-attempt times are durable", () => {
  test("a restart does not reset a count or a wait", async () => {
    const journal = journalFile();
    const definition = flow(
      [operation("poll", "done", { on_errors: [{ error: "$.statusCode == 202", retry_ref: "r" }] })],
      { retries: [{ name: "r", delay: 30, max_attempts: 2 }] },
    );
    const attempts: number[] = [];
    const invoke: Invoke = async (_, __, { attempt }) => {
      attempts.push(attempt);
      return { statusCode: 202 };
    };
    const clock = new VirtualClock({ auto: false });
    let runner = openRunner({ journal, clock, invoke });
    const { id } = await runner.start({ definition, input: {}, key: "k" });
    await settle();
    for (const _ of [1, 2]) {
      await runner.close();
      await clock.advance(20_000);
      runner = openRunner({ journal, clock, invoke });
      await clock.advance(9_999);
      expect(runner.get(id)).toMatchObject({ status: "running", waiting: "retry" });
      await clock.advance(1);
    }
    expect(runner.get(id)).toMatchObject({ status: "fail", error: { code: "RetriesExhausted" } });
    expect(attempts).toEqual([1, 2, 3]);
  });

  test("a call cut off by a crash is repeated with the same attempt", async () => {
    const journal = journalFile();
    const clock = new VirtualClock({ auto: false });
    const seen: number[] = [];
    const definition = flow([operation("a", "done")]);
    const stuck = gate<void>();
    const invoke: Invoke = async (_, __, { attempt }) => {
      seen.push(attempt);
      if (seen.length === 1) await stuck.opened;
      return {};
    };
    const runner = openRunner({ journal, clock, invoke });
    const { id } = await runner.start({ definition, input: {}, key: "k" });
    await settle();
    await runner.close();
    const again = openRunner({ journal, clock, invoke });
    expect((await again.result(id)).status).toBe("success");
    expect(seen).toEqual([1, 1]);
  });
});

describe("deadlines", () => {
  test("end an execution that sleeps or runs with timeout, and abort its function", async () => {
    const clock = new VirtualClock({ auto: false });
    let signal: AbortSignal | undefined;
    const runner = openRunner({
      clock,
      invoke: (_, __, context) => {
        signal = context.signal;
        return new Promise(() => {});
      },
    });
    const timeoutAt = clock.now() + 60_000;
    const asleep = await runner.start({ definition: nap(3_600), input: {}, key: "asleep", timeoutAt });
    const running = await runner.start({ definition: nap(1), input: {}, key: "running", timeoutAt });
    await clock.advance(59_999);
    expect(runner.get(running.id)).toMatchObject({ status: "running", stateId: "after" });
    await clock.advance(1);
    expect(await asleep.result()).toMatchObject({ status: "timeout", stateId: "nap", endedAt: timeoutAt });
    expect(await running.result()).toMatchObject({
      status: "timeout",
      error: { code: "DeadlinePassed", message: 'The deadline passed in state "after" (try 1).' },
    });
    expect(signal?.aborted).toBe(true);
    expect(runner.history(asleep.id).map((e) => e.type)).toEqual(["start", "deadline", "end"]);
  });

  test("are enforced although the process was down when they passed", async () => {
    const journal = journalFile();
    const clock = new VirtualClock({ auto: false });
    const calls: string[] = [];
    const invoke: Invoke = async (name) => {
      calls.push(name);
      return {};
    };
    const runner = openRunner({ journal, clock, invoke });
    const timeoutAt = clock.now() + 60_000;
    const { id } = await runner.start({ definition: nap(30), input: {}, key: "k", timeoutAt });
    await runner.close();
    await clock.advance(day);
    const again = openRunner({ journal, clock, invoke });
    expect((await again.result(id)).status).toBe("timeout");
    const late = await again.start({ definition: nap(30), input: {}, key: "late", timeoutAt });
    expect((await late.result()).status).toBe("timeout");
    expect(calls).toEqual([]);
  });
});

describe("clock jumps", () => {
  test("forward: what is due by the new time fires within half a minute", async () => {
    const clock = new VirtualClock({ auto: false });
    const runner = openRunner({ clock });
    const { id } = await runner.start({ definition: nap(hour / 1000), input: {}, key: "k" });
    clock.jump(2 * hour);
    await clock.advance(30_000);
    expect(runner.get(id)?.status).toBe("success");
  });

  test("backward: sleeps keep their length", async () => {
    const clock = new VirtualClock({ auto: false });
    const events: RunnerEvent[] = [];
    const runner = openRunner({ clock, onEvent: (event) => events.push(event) });
    const { id } = await runner.start({ definition: nap(hour / 1000), input: {}, key: "k" });
    await clock.advance(hour / 2);
    clock.jump(-5 * day);
    await clock.advance(hour / 2 - 1);
    expect(runner.get(id)?.status).toBe("running");
    await clock.advance(1);
    expect(runner.get(id)?.status).toBe("success");
    expect(events.filter((e) => e.type === "clock-jump")).toMatchObject([
      { detail: `back by ${5 * day} ms` },
    ]);
  });

  test("backward without a monotonic clock: the same, as far as the wall clock shows it", async () => {
    const virtual = new VirtualClock({ auto: false });
    const runner = openRunner({ clock: { now: virtual.now, sleep: virtual.sleep } });
    const { id } = await runner.start({ definition: nap(hour / 1000), input: {}, key: "k" });
    await virtual.advance(hour / 2);
    virtual.jump(-5 * day);
    await virtual.advance(hour / 2 + 30_000);
    expect(runner.get(id)?.status).toBe("success");
  });

  test("backward while no process runs: a sleep is never longer than it was", async () => {
    const journal = journalFile();
    const clock = new VirtualClock({ auto: false });
    const runner = openRunner({ journal, clock });
    const { id } = await runner.start({ definition: nap(60), input: {}, key: "k" });
    await runner.close();
    clock.jump(-day);
    const again = openRunner({ journal, clock });
    await clock.advance(60_000);
    expect(again.get(id)?.status).toBe("success");
  });

  test("of less than a second are nothing", async () => {
    const clock = new VirtualClock({ auto: false });
    const events: RunnerEvent[] = [];
    const runner = openRunner({ clock, onEvent: (event) => events.push(event) });
    await runner.start({ definition: nap(100), input: {}, key: "k" });
    clock.jump(-999);
    await clock.advance(50_000);
    expect(events.map((e) => e.type)).toEqual(["start"]);
  });
});
