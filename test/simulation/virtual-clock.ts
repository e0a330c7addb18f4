import type { Clock } from "../../workflows/runner/clock.ts";

/** Time that passes only when nobody has anything to do. */
export interface VirtualClock extends Clock {
  monotonic(): number;
  /** Time stands still until `promise` has settled: for work outside the simulation. */
  track<T>(promise: Promise<T>): Promise<T>;
  /** Something is going on: time stands still until the event loop has been quiet for a moment. */
  touch(): void;
  /** Lets `ms` pass, with everything that falls due on the way; resolves when all is quiet again. */
  advance(ms: number): Promise<void>;
  /** Lets time pass, however much it takes, until `promise` has settled. */
  runUntil<T>(promise: Promise<T>): Promise<T>;
  /** How many sleeps are waiting. */
  readonly sleeping: number;
}

/** Turns of the event loop without a sign of life after which everybody counts as waiting. */
const quietTurns = 6;

/** A clock that stands at `start` (ms since 1970) until `advance` or `runUntil` is called. */
export function createVirtualClock(start = Date.parse("2026-11-24T00:00:00Z")): VirtualClock {
  let now = start;
  let limit = start;
  let inFlight = 0;
  let signs = 0;
  const sleepers = new Set<Sleeper>();

  const quiet = async () => {
    for (let seen = -1, turns = 0; turns < quietTurns || inFlight > 0; turns++) {
      if (seen !== signs) turns = 0;
      seen = signs;
      await new Promise(setImmediate);
    }
  };

  /** Wakes one sleeper after the other, each when all is quiet, until none is due within the limit or `over`. */
  const pass = async (over: () => boolean) => {
    for (;;) {
      await quiet();
      if (over()) return;
      const next = earliest(sleepers);
      if (next === undefined || next.at > limit) return;
      now = Math.max(now, next.at);
      next.wake();
    }
  };

  return {
    now: () => now,
    monotonic: () => now - start,
    get sleeping() {
      return sleepers.size;
    },
    touch: () => {
      signs++;
    },
    sleep(ms, signal) {
      signs++;
      return new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        const end = () => {
          signs++;
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", abort);
        };
        const abort = () => {
          end();
          reject(signal?.reason);
        };
        const wake = () => {
          end();
          resolve();
        };
        const sleeper = { at: now + Math.max(0, ms), wake };
        signal?.addEventListener("abort", abort, { once: true });
        sleepers.add(sleeper);
      });
    },
    async track(promise) {
      inFlight++;
      try {
        return await promise;
      } finally {
        inFlight--;
        signs++;
      }
    },
    async advance(ms) {
      limit = now + ms;
      await pass(() => false);
      now = limit;
    },
    async runUntil(promise) {
      let settled = false;
      const watched = promise.finally(() => {
        settled = true;
        signs++;
      });
      watched.catch(() => {});
      limit = Number.POSITIVE_INFINITY;
      await pass(() => settled);
      limit = now;
      if (!settled) throw new Error("Nothing sleeps and nothing runs, so what is waited for cannot come.");
      return watched;
    },
  };
}

interface Sleeper {
  at: number;
  wake: () => void;
}

/** Of those of one time the one that fell asleep first. */
function earliest(sleepers: Set<Sleeper>): Sleeper | undefined {
  let first: Sleeper | undefined;
  for (const sleeper of sleepers) {
    if (first === undefined || sleeper.at < first.at) first = sleeper;
  }
  return first;
}
