import { isNode, LineCounter, parseDocument } from "yaml";

/**
 * Where in a JSON text a finding lies: the line of its `path` (such as `states[2].transition`), of the nearest
 * part of that path that exists, or of its state. Nothing for an empty text.
 */
export function lineOf(text: string, finding: { path?: string; state?: string }): { line?: number } {
  if (text === "") return {};
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  for (const path of candidates(document.toJS(), finding)) {
    const node = path.length === 0 ? document.contents : document.getIn(path, true);
    if (isNode(node) && node.range) return { line: lines.linePos(node.range[0]).line };
  }
  return {};
}

type Path = (string | number)[];

function* candidates(json: unknown, finding: { path?: string; state?: string }): Generator<Path> {
  const keys = (finding.path ?? "")
    .split(/[.[\]"/$]+/)
    .filter((key) => key !== "")
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key));
  for (let length = keys.length; length > 0; length--) yield keys.slice(0, length);
  const states = (json as { states?: { id?: string; name?: string }[] } | null)?.states;
  const index = Array.isArray(states)
    ? states.findIndex((state) => state?.id === finding.state || state?.name === finding.state)
    : -1;
  if (finding.state !== undefined && index >= 0) yield ["states", index];
  yield [];
}
