import { sleep as realSleep } from "./sleep.ts";

export interface RateBudget {
  /** Resolves when the next call may be sent; in the order of asking. Rejects when the signal aborts. */
  take(signal?: AbortSignal): Promise<void>;
}

/** A token bucket: `burst` calls at once, then one each `intervalMs`. */
export function createRateBudget(options: {
  burst: number;
  intervalMs: number;
  now?: () => number;
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}): RateBudget {
  const { burst, intervalMs, now = Date.now, sleep = realSleep } = options;
  let tokens = burst;
  let filledAt = now();
  return {
    async take(signal) {
      signal?.throwIfAborted();
      const time = now();
      tokens = Math.min(burst, tokens + Math.max(0, time - filledAt) / intervalMs);
      filledAt = time;
      // below zero is a debt: every later caller stands behind this one
      tokens -= 1;
      if (tokens >= 0) return;
      try {
        await sleep(Math.ceil(-tokens * intervalMs), signal);
      } catch (error) {
        tokens += 1;
        throw error;
      }
    },
  };
}
