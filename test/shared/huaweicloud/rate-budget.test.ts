import { expect, it } from "vitest";
import { createRateBudget } from "../../../shared/huaweicloud/rate-budget.ts";
import { sleep } from "../../../shared/huaweicloud/sleep.ts";
import { virtualTime } from "./scripted-server.ts";

it("lets a burst pass, then one call each interval", async () => {
  const time = virtualTime();
  const budget = createRateBudget({ burst: 3, intervalMs: 6000, now: time.now, sleep: time.sleep });
  for (let i = 0; i < 5; i++) await budget.take();
  expect(time.waits).toEqual([6000, 6000]);
});

it("makes callers of the same moment wait in the order they asked", async () => {
  const waits: number[] = [];
  const budget = createRateBudget({
    burst: 1,
    intervalMs: 1000,
    now: () => 0,
    sleep: async (ms) => void waits.push(ms),
  });
  await Promise.all([budget.take(), budget.take(), budget.take()]);
  expect(waits).toEqual([1000, 2000]);
});

it("never holds more than the burst, however long nobody calls", async () => {
  const time = virtualTime();
  const budget = createRateBudget({ burst: 2, intervalMs: 1000, now: time.now, sleep: time.sleep });
  time.ms += 3_600_000;
  for (let i = 0; i < 3; i++) await budget.take();
  expect(time.waits).toEqual([1000]);
});

it("is not emptied by a clock that is set back", async () => {
  const time = virtualTime();
  const budget = createRateBudget({ burst: 2, intervalMs: 1000, now: time.now, sleep: time.sleep });
  await budget.take();
  time.ms -= 3_600_000;
  await budget.take();
  expect(time.waits).toEqual([]);
});

it("stops waiting when its signal aborts", async () => {
  const budget = createRateBudget({ burst: 1, intervalMs: 3_600_000, now: () => 0, sleep });
  await budget.take();
  const abort = new AbortController();
  const waiting = budget.take(abort.signal);
  abort.abort(new Error("stop"));
  await expect(waiting).rejects.toThrow("stop");
  await expect(budget.take(abort.signal)).rejects.toThrow("stop");
});

it("makes nobody wait for a turn that was given back", async () => {
  const waits: number[] = [];
  const budget = createRateBudget({
    burst: 1,
    intervalMs: 1000,
    now: () => 0,
    sleep: async (ms) => {
      waits.push(ms);
      if (waits.length === 1) throw new Error("aborted");
    },
  });
  await budget.take();
  await expect(budget.take()).rejects.toThrow("aborted");
  await budget.take();
  expect(waits).toEqual([1000, 1000]);
});
