/** Wait before the try after number `attempt`, in ms: 1 s doubled each time up to 20 s, the upper half random. */
export function backoffMs(attempt: number, random: () => number): number {
  const full = Math.min(20_000, 1000 * 2 ** (attempt - 1));
  return Math.round(full / 2 + (full / 2) * random());
}
