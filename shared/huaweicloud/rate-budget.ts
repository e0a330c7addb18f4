import { sleep as realSleep } from "./sleep.ts";

export interface RateBudget {
  /**
   * Resolves when the next call may be sent; in the order of asking. Rejects when the signal aborts, and at once
   * with {@link TurnTooLate} when its turn would come after `notAfter` (ms since 1970).
   */
  take(signal?: AbortSignal, notAfter?: number): Promise<void>;
  /** Makes everybody wait: the gateway has refused a call and counts further ones against us. */
  hold(ms: number): void;
}

/** The turn of a call would come too late; it was not waited for. */
export class TurnTooLate extends Error {
  override readonly name = "TurnTooLate";
  readonly turnAt: number;

  constructor(turnAt: number) {
    super(`its turn within the rate budget comes only at ${new Date(turnAt).toISOString()}`);
    this.turnAt = turnAt;
  }
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
  const fill = (): number => {
    const time = now();
    tokens = Math.min(burst, tokens + Math.max(0, time - filledAt) / intervalMs);
    filledAt = time;
    return time;
  };
  return {
    async take(signal, notAfter = Number.POSITIVE_INFINITY) {
      signal?.throwIfAborted();
      const time = fill();
      // below zero is a debt: every later caller stands behind this one
      const waitMs = Math.ceil(Math.max(0, 1 - tokens - roundingError) * intervalMs);
      if (time + waitMs > notAfter) throw new TurnTooLate(time + waitMs);
      tokens -= 1;
      if (waitMs === 0) return;
      try {
        await sleep(waitMs, signal);
      } catch (error) {
        tokens += 1;
        throw error;
      }
    },
    hold(ms) {
      fill();
      tokens = Math.min(tokens, 1 - ms / intervalMs);
    },
  };
}

/** Of the sums of fractions, in calls. */
const roundingError = 1e-9;
