export type Operator = "==" | "!=" | ">=" | "<=" | ">" | "<";
export type Literal = number | string | boolean | null;

/** A number, a single-quoted string, true, false or null; undefined for anything else. */
export function readLiteral(text: string): Literal | undefined {
  if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return Number(text);
  if (/^'(?:[^'\\]|\\.)*'$/s.test(text)) return text.slice(1, -1).replace(/\\(.)/gs, "$1");
  if (text === "true") return true;
  if (text === "false") return false;
  return text === "null" ? null : undefined;
}

/** The text before and after its comparison operator; a filter in the path may hold comparisons of its own. */
export function splitAtOperator(
  text: string,
): { left: string; operator: Operator; right: string } | undefined {
  for (const at of outside(text)) {
    const operator = /^(?:[=!><]=|[><])/.exec(text.slice(at, at + 2))?.[0];
    if (operator)
      return {
        left: text.slice(0, at).trim(),
        operator: operator as Operator,
        right: text.slice(at + operator.length).trim(),
      };
  }
  return undefined;
}

/** The parts between the `|` of `path | default`. */
export function splitAtPipes(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const at of outside(text)) {
    if (text[at] !== "|") continue;
    parts.push(text.slice(from, at));
    from = at + 1;
  }
  parts.push(text.slice(from));
  return parts;
}

/** The positions that are outside quotes and brackets. */
function* outside(text: string): Iterable<number> {
  let depth = 0;
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (quote) {
      if (c === "\\") i++;
      else if (c === quote) quote = "";
    } else if (c === "'" || c === '"') quote = c;
    else if (c === "[" || c === "(") depth++;
    else if (c === "]" || c === ")") depth--;
    else if (depth === 0) yield i;
  }
}
