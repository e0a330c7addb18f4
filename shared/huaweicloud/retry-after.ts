/** `Retry-After` in ms from now: seconds or an HTTP date (RFC 9110, 10.2.3). Undefined where it is neither. */
export function retryAfterMs(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  const text = value.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** The window that the gateway's throttling text names (`…,limit:10,time:1 minute`), in ms. */
export function throttlingWindowMs(message: string): number | undefined {
  const match = /\btime:\s*(\d+)\s*(second|minute|hour|day)/i.exec(message);
  return match ? Number(match[1]) * unitMs[match[2]!.toLowerCase() as keyof typeof unitMs] : undefined;
}

const unitMs = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** The gateway's clock as its `signature expired` text gives it (`server time:20211217T065804Z`), in ms. */
export function serverTimeMs(message: string): number | undefined {
  const match = /server time:\s*(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/i.exec(message);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second] = match.map(Number) as number[];
  return Date.UTC(year!, month! - 1, day!, hour!, minute!, second!);
}
