const limit = 2_000;

/** The value made from a text, made once; a cache that is full forgets its oldest. */
export function remember<T>(cache: Map<string, T>, text: string, make: (text: string) => T): T {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const value = make(text);
  if (cache.size >= limit) cache.delete(cache.keys().next().value as string);
  cache.set(text, value);
  return value;
}
