/**
 * Where the canonical request that the gateway built (in its error text, with `|` for line feeds) first differs
 * from ours, in words. Undefined where the text holds none.
 */
export function signatureDifference(message: string, canonicalRequest: string): string | undefined {
  const found = /canonicalRequest:\s*([\s\S]*)$/.exec(message);
  if (!found) return undefined;
  const theirs = found[1]!.trim().split("|");
  const ours = canonicalRequest.replaceAll("\n", "|").split("|");
  const at = ours.findIndex((line, index) => line !== theirs[index]);
  if (at < 0) return theirs.length > ours.length ? "The gateway saw more than was signed." : undefined;
  return `The gateway saw another ${nameOf(at, ours)} than was signed: ${show(theirs[at])} instead of ${show(ours[at])}.`;
}

/** The parts of a canonical request, in its order. */
function nameOf(index: number, lines: string[]): string {
  if (index === 0) return "method";
  if (index === 1) return "path";
  if (index === 2) return "query";
  if (index === lines.length - 1) return "body";
  if (index === lines.length - 2) return "list of signed headers";
  return `header ${/^[^:]*/.exec(lines[index]!)![0] || "list"}`;
}

function show(line: string | undefined): string {
  if (line === undefined) return "nothing";
  return JSON.stringify(line.length > 120 ? `${line.slice(0, 120)}…` : line);
}
