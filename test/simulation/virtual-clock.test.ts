import { expect, test } from "vitest";
import { createVirtualClock } from "./virtual-clock.ts";

const start = Date.parse("2026-11-24T00:00:00Z");
const day = 86_400_000;

test("thirty days of sleep pass in a moment, and the clock has them all", async () => {
  const clock = createVirtualClock(start);
  await clock.runUntil(clock.sleep(30 * day));

  expect(clock.now()).toBe(start + 30 * day);
  expect(clock.monotonic()).toBe(30 * day);
});

test("sleepers wake in the order of their times, those of one time in the order in which they fell asleep", async () => {
  const clock = createVirtualClock(start);
  const woken: string[] = [];
  const sleeper = async (name: string, ms: number) => {
    await clock.sleep(ms);
    woken.push(`${name} at ${clock.now() - start}`);
  };
  await clock.runUntil(Promise.all([sleeper("late", 50), sleeper("first", 20), sleeper("second", 20)]));

  expect(woken).toEqual(["first at 20", "second at 20", "late at 50"]);
});

test("advance lets pass what it says and nothing more", async () => {
  const clock = createVirtualClock(start);
  const woken: number[] = [];
  void (async () => {
    for (;;) {
      await clock.sleep(40);
      woken.push(clock.now() - start);
    }
  })();
  await clock.advance(100);

  expect(woken).toEqual([40, 80]);
  expect(clock.now()).toBe(start + 100);

  await clock.advance(20);
  expect(woken).toEqual([40, 80, 120]);
});

test("time stands still while tracked work is in flight", async () => {
  const clock = createVirtualClock(start);
  const outside = clock.track(new Promise<number>((resolve) => setTimeout(() => resolve(clock.now()), 20)));
  const [seen] = await clock.runUntil(Promise.all([outside, clock.sleep(1_000)]));

  expect(seen).toBe(start);
  expect(clock.now()).toBe(start + 1_000);
});

test("an aborted sleep rejects with the reason and is forgotten", async () => {
  const clock = createVirtualClock(start);
  const controller = new AbortController();
  const sleep = clock.sleep(1_000, controller.signal);
  controller.abort(new Error("cancelled"));

  await expect(sleep).rejects.toThrow("cancelled");
  await expect(clock.sleep(1, controller.signal)).rejects.toThrow("cancelled");
  expect(clock.sleeping).toBe(0);
});

test("waiting for what can never come is an error, not a hang", async () => {
  const clock = createVirtualClock(start);

  await expect(clock.runUntil(new Promise(() => {}))).rejects.toThrow(
    "Nothing sleeps and nothing runs, so what is waited for cannot come.",
  );
});
