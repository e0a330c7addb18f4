/** A limit of the gateway: so many calls in a window; rejected calls count too. */
export interface Limit {
  limit: number;
  /** 60,000 unless given. */
  windowMs?: number | undefined;
}

/** Lets a call through when fewer than `limit` calls, let through or not, fell into the window before it. */
export class Throttle {
  readonly limit: number;
  readonly windowMs: number;
  /** The times of the newest `limit` calls, as a ring. */
  readonly #calls: number[] = [];
  #next = 0;

  constructor({ limit, windowMs = 60_000 }: Limit) {
    this.limit = limit;
    this.windowMs = windowMs;
  }

  /** True when the call at `now` may pass. */
  admit(now: number): boolean {
    const before = this.#calls[this.#next];
    this.#calls[this.#next] = now;
    this.#next = (this.#next + 1) % Math.max(1, this.limit);
    if (this.limit === 0) return false;
    return before === undefined || before <= now - this.windowMs;
  }

  /** The gateway's words for the limit. */
  describe(): string {
    const unit = this.windowMs % 60_000 === 0 ? "minute" : "second";
    const count = this.windowMs / (unit === "minute" ? 60_000 : 1000);
    return `The throttling threshold has been reached: policy user over ratelimit,limit:${this.limit},time:${count} ${unit}`;
  }
}
