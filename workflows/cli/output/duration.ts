const unitMs: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads `30m`, `90s`, `1h30m` or `2d` as milliseconds; undefined when it is none of these or nothing at all. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?[smhd])+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)([smhd])/g)) {
    total += Number(amount) * unitMs[unit!]!;
  }
  return total > 0 ? total : undefined;
}

/** `0.4s`, `12s`, `12m 34s`, `3h 05m`, `2d 3h`: two units at most, as people read them. */
export function formatDuration(ms: number): string {
  const safe = Math.max(0, ms);
  if (safe < 950) return `${(safe / 1000).toFixed(1)}s`;
  const seconds = Math.round(safe / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${pad(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h ${pad(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** Time since an ISO 8601 instant, such as `3m 02s`; `-` when there is none. */
export function formatAge(since: string | undefined, now: number): string {
  const at = since === undefined ? Number.NaN : Date.parse(since);
  return Number.isNaN(at) ? "-" : formatDuration(now - at);
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
