import type { Clock } from "../../../workflows/runner/clock.ts";

/**
 * A clock that skips: as soon as everything waits for time, it goes to the earliest moment that anyone waits for. With
 * `auto: false` it moves only by `advance`.
 */
export class VirtualClock implements Clock {
  private readonly auto: boolean;
  private wall: number;
  private elapsed = 0;
  private readonly timers = new Set<{ at: number; resolve: () => void }>();
  private activity = 0;
  private watching = false;
  readonly longestWaitMs?: number;

  /** `settable: false`: nobody calls `jump`, so the runner need not look at the clock while it waits. */
  constructor(options: { start?: number; auto?: boolean; settable?: boolean } = {}) {
    if (options.settable === false) this.longestWaitMs = Number.POSITIVE_INFINITY;
    this.wall = options.start ?? Date.UTC(2026, 0, 1);
    this.auto = options.auto ?? true;
  }

  now = (): number => this.wall + this.elapsed;
  monotonic = (): number => this.elapsed;

  sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const giveUp = () => {
        this.timers.delete(timer);
        reject(signal?.reason);
      };
      const wake = () => {
        signal?.removeEventListener("abort", giveUp);
        resolve();
      };
      const timer = { at: this.elapsed + Math.max(0, ms), resolve: wake };
      this.timers.add(timer);
      signal?.addEventListener("abort", giveUp);
      this.activity += 1;
      if (this.auto) void this.watch();
    });

  get pending(): number {
    return this.timers.size;
  }

  /** Sets the wall clock; time that has passed stays as it is. */
  jump(ms: number): void {
    this.wall += ms;
  }

  async advance(ms: number): Promise<void> {
    const until = this.elapsed + ms;
    for (;;) {
      await settle();
      const next = this.earliest();
      if (!next || next.at > until) break;
      this.fire(next);
    }
    this.elapsed = until;
    await settle();
  }

  private async watch(): Promise<void> {
    if (this.watching) return;
    this.watching = true;
    while (this.timers.size > 0) {
      const seen = this.activity;
      await settle();
      if (seen !== this.activity) continue;
      const next = this.earliest();
      if (next) this.fire(next);
    }
    this.watching = false;
  }

  private fire(timer: { at: number; resolve: () => void }): void {
    this.elapsed = Math.max(this.elapsed, timer.at);
    this.timers.delete(timer);
    timer.resolve();
  }

  private earliest(): { at: number; resolve: () => void } | undefined {
    let first: { at: number; resolve: () => void } | undefined;
    for (const timer of this.timers) if (!first || timer.at < first.at) first = timer;
    return first;
  }
}

/** Lets everything happen that needs no time: results, group commits, what follows from them. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 6; i++) await new Promise(setImmediate);
}
