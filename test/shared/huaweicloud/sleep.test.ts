import { afterEach, describe, expect, it, vi } from "vitest";
import { sleep } from "../../../shared/huaweicloud/sleep.ts";

afterEach(() => {
  vi.useRealTimers();
});

describe("sleep", () => {
  it("is still asleep just before its end, also beyond what one timer can hold", async () => {
    vi.useFakeTimers();
    const days = 24 * 3_600_000;
    let awake = false;
    const done = sleep(60 * days).then(() => {
      awake = true;
    });
    await vi.advanceTimersByTimeAsync(60 * days - 1000);
    expect(awake).toBe(false);
    await vi.advanceTimersByTimeAsync(1000);
    await done;
    expect(awake).toBe(true);
  });

  it("rejects with the signal's reason and leaves no timer behind", async () => {
    vi.useFakeTimers();
    const abort = new AbortController();
    const sleeping = sleep(60_000, abort.signal);
    abort.abort(new Error("cancelled"));
    await expect(sleeping).rejects.toThrow("cancelled");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("does not start when the signal has aborted", async () => {
    await expect(sleep(1, AbortSignal.abort(new Error("too late")))).rejects.toThrow("too late");
  });
});
