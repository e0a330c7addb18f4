import type { Clock } from "./clock.ts";

/** Less than this is not a jump but the rounding of clocks. */
const jumpMs = 1_000;

/** One timer in memory for the earliest moment at which something is due, however many things wait. */
export class WakeTimer {
  private readonly clock: Clock;
  private readonly onDue: () => void;
  private readonly onJumpBack: (ms: number) => void;
  private target = Number.POSITIVE_INFINITY;
  private waiting: AbortController | undefined;
  private round = 0;
  private lastNow: number;
  private lastMonotonic: number | undefined;

  constructor(clock: Clock, onDue: () => void, onJumpBack: (ms: number) => void) {
    this.clock = clock;
    this.onDue = onDue;
    this.onJumpBack = onJumpBack;
    this.lastNow = clock.now();
    this.lastMonotonic = clock.monotonic?.();
  }

  /** `onDue` is called at `at` (ms since 1970) or earlier, if an earlier moment was asked for. */
  arm(at: number): void {
    if (at >= this.target) return;
    this.set(at);
  }

  /** Forgets every moment asked for and waits for this one; nothing when undefined. */
  set(at: number | undefined): void {
    this.stop();
    if (at === undefined || at === Number.POSITIVE_INFINITY) return;
    this.target = at;
    void this.wait(this.round);
  }

  stop(): void {
    this.round += 1;
    this.target = Number.POSITIVE_INFINITY;
    this.waiting?.abort();
    this.waiting = undefined;
  }

  private async wait(round: number): Promise<void> {
    for (;;) {
      this.checkJump();
      if (round !== this.round) return;
      const left = this.target - this.clock.now();
      if (left <= 0) break;
      this.waiting = new AbortController();
      try {
        await this.clock.sleep(Math.min(left, this.clock.longestWaitMs ?? 30_000), this.waiting.signal);
      } catch (error) {
        if (round === this.round) throw error;
      }
      if (round !== this.round) return;
    }
    this.target = Number.POSITIVE_INFINITY;
    this.waiting = undefined;
    this.onDue();
  }

  private checkJump(): void {
    const now = this.clock.now();
    const monotonic = this.clock.monotonic?.();
    const gone =
      this.lastMonotonic === undefined || monotonic === undefined ? 0 : monotonic - this.lastMonotonic;
    const drift = now - this.lastNow - gone;
    this.lastNow = now;
    this.lastMonotonic = monotonic;
    if (drift >= -jumpMs) return;
    this.target += drift;
    this.onJumpBack(-drift);
  }
}
