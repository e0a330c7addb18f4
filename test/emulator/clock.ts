/** The emulator's two clocks, both in ms. Both follow the `now` given at start. */
export interface Clock {
  /** The server's wall clock: signature checks and every timestamp it writes. Moved by {@link skew}. */
  now(): number;
  /** The clock of phases, locks, lags, throttling and token lifetimes. Moved by {@link advance}. */
  elapsed(): number;
  /** Sets how far the server's wall clock is ahead of the true time (negative: behind). */
  skew(ms: number): void;
  /** Lets `ms` pass at once for phases and lifetimes, leaving signatures valid. */
  advance(ms: number): void;
  state(): { now: string; skewMs: number; advancedMs: number };
}

export function createClock(base: () => number): Clock {
  let skewMs = 0;
  let advancedMs = 0;
  const now = () => base() + skewMs;
  return {
    now,
    elapsed: () => base() + advancedMs,
    skew: (ms) => {
      skewMs = ms;
    },
    advance: (ms) => {
      advancedMs += ms;
    },
    state: () => ({ now: new Date(now()).toISOString(), skewMs, advancedMs }),
  };
}

/** `2025-04-10T07:48:37Z`, the form of ASM's timestamps. */
export function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** `20250410T074837Z`, the form of X-Sdk-Date. */
export function sdkDate(ms: number): string {
  return timestamp(ms).replaceAll(/[-:]/g, "");
}

/** The time of an X-Sdk-Date in ms, or undefined when it is not a date of exactly that form. */
export function parseSdkDate(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!parts) return undefined;
  const ms = Date.parse(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}
