import { setTimeout as delay } from "node:timers/promises";

/** The runner's only source of time: a virtual one makes thirty days of sleep pass in a test's moment. */
export interface Clock {
  /** Wall-clock time, ms since 1970. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Time that no one can set back, ms from any origin; without it clock jumps are told from `now` alone. */
  monotonic?(): number;
  /**
   * No wait is longer (30,000): Node's own timers end at 24.8 days, and that the clock was set is noticed when a wait
   * ends. A clock that nobody sets may say Infinity.
   */
  longestWaitMs?: number;
}

export const realClock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    await delay(ms, undefined, signal ? { signal } : {});
  },
};
