/** What came of an HTTP attempt that did not succeed: `ShowMesh 502 Bad Gateway`. */
export function attemptText(attempt: {
  operation?: unknown;
  status?: unknown;
  code?: unknown;
  error?: unknown;
}): string {
  const { operation, status, code, error } = attempt;
  if (status === undefined) return `${operation} got no answer: ${error}`;
  // a proxy's page mostly begins with its status
  const text = String(error ?? "").replace(new RegExp(`^${status}:? *`), "");
  return [operation, status, code, text].filter(Boolean).join(" ");
}
