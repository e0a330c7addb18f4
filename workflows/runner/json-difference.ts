/** One place where two JSON values differ; `undefined` = the path does not exist on that side. */
export interface Difference {
  path: string;
  stored: unknown;
  given: unknown;
}

/** The deepest paths at which two JSON values differ, in the order of the stored value. */
export function jsonDifferences(stored: unknown, given: unknown, path = "$"): Difference[] {
  if (Object.is(stored, given)) return [];
  if (Array.isArray(stored) && Array.isArray(given)) {
    return Array.from({ length: Math.max(stored.length, given.length) }).flatMap((_, i) =>
      jsonDifferences(stored[i], given[i], `${path}[${i}]`),
    );
  }
  if (isObject(stored) && isObject(given)) {
    return [...new Set([...Object.keys(stored), ...Object.keys(given)])].flatMap((name) =>
      jsonDifferences(stored[name], given[name], path + member(name)),
    );
  }
  return [{ path, stored, given }];
}

/** JSON with the members of every object in code-unit order, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, v) =>
    isObject(v) ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) : v,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function member(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
