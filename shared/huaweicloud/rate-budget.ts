import { sleep as realSleep } from "./sleep.ts";

export interface RateBudget {
  /** Resolves when the next call may be sent; in the order of asking. Rejects when the signal aborts. */
  take(signal?: AbortSignal): Promise<void>;
}

/**
 * The budgets of all services, made as they are asked for: the gateway counts each service's calls on their own,
 * and reads apart from writes. Defaults: 20 reads a second after a burst of 100, 10 writes a minute after one of 5.
 */
export function createRateBudgets(options: {
  readsPerSecond?: number;
  readBurst?: number;
  writesPerMinute?: number;
  writeBurst?: number;
  now?: () => number;
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}): (service: string, access: "reads" | "writes") => RateBudget {
  const { readsPerSecond = 20, readBurst = 100, writesPerMinute = 10, writeBurst = 5, ...seams } = options;
  const shapes = {
    reads: { burst: readBurst, intervalMs: 1000 / readsPerSecond },
    writes: { burst: writeBurst, intervalMs: 60_000 / writesPerMinute },
  };
  const budgets = new Map<string, RateBudget>();
  return (service, access) => {
    const name = `${service} ${access}`;
    const budget = budgets.get(name) ?? createRateBudget({ ...shapes[access], ...seams });
    budgets.set(name, budget);
    return budget;
  };
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
