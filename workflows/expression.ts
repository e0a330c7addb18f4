import { compile, type JSONValue } from "json-p3";

/** A condition or argument of a flow that cannot be understood; the message says what is wrong with it. */
export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
}

export type Operator = "==" | "!=" | ">=" | "<=" | ">" | "<";
export type Literal = number | string | boolean | null;

/** `$.statusCode >= 500` taken apart. */
export interface Condition {
  path: string;
  operator: Operator;
  value: Literal;
}

/**
 * Takes apart a condition of `on_errors`: a JSONPath, an operator and a literal (number, single-quoted string,
 * true, false, null), as in functiongraph_01_0309.
 * @throws ExpressionError
 */
export function parseCondition(text: string): Condition {
  return conditions.get(text) ?? remember(conditions, text, readCondition(text));
}

/** Whether the condition holds for `data`; a path that yields nothing makes every comparison false. */
export function testCondition(text: string, data: unknown): boolean {
  const { path, operator, value } = parseCondition(text);
  const left = select(path, data);
  if (operator === "==") return left === value;
  if (left === undefined) return false;
  if (operator === "!=") return left !== value;
  if (typeof left !== typeof value || (typeof left !== "number" && typeof left !== "string")) return false;
  return ordered(operator, left, value as typeof left);
}

/**
 * A function's input from the flow's `arguments`: `"$.a.b"` selects from `data`, `"$CONST.a"` and
 * `"$.constants.a"` from the constants, `"$.x | 'default'"` falls back, anything without `$` passes as it is. A
 * member whose path yields nothing and that has no default is left out.
 * @throws ExpressionError
 */
export function resolveArguments(
  args: Record<string, unknown>,
  data: unknown,
  constants: Record<string, unknown>,
): Record<string, unknown> {
  return resolveMembers(args, data, constants);
}

/** What a path selects: the value, an array when the path can select several, undefined when it yields nothing. */
export function select(path: string, data: unknown): unknown {
  return compilePath(path)(data);
}

type Selector = (data: unknown) => unknown;
type Resolver = (data: unknown, constants: Record<string, unknown>) => unknown;

const cacheLimit = 2_000;
const conditions = new Map<string, Condition>();
const selectors = new Map<string, Selector>();
const resolvers = new Map<string, Resolver>();

function remember<T>(cache: Map<string, T>, key: string, value: T): T {
  if (cache.size >= cacheLimit) cache.delete(cache.keys().next().value as string);
  cache.set(key, value);
  return value;
}

const operatorPattern = /(==|!=|>=|<=|>|<)/;

function readCondition(text: string): Condition {
  const trimmed = text.trim();
  if (!trimmed.startsWith("$")) throw wrong(text, "it must begin with a JSONPath such as $.statusCode");
  // the operator is the last one outside quotes and brackets: a filter in the path may hold comparisons of its own
  const at = operatorPosition(trimmed);
  if (at === undefined) throw wrong(text, "no operator: one of == != >= <= > < is needed");
  const operator = operatorPattern.exec(trimmed.slice(at))?.[0] as Operator;
  const path = trimmed.slice(0, at).trim();
  const right = trimmed.slice(at + operator.length).trim();
  if (right === "") throw wrong(text, `nothing to compare with after ${operator}`);
  try {
    compilePath(path);
  } catch (error) {
    throw wrong(text, (error as Error).message);
  }
  const value = readLiteral(right);
  if (value === undefined)
    throw wrong(text, `"${right}" is not a number, a single-quoted string, true, false or null`);
  return { path, operator, value };
}

function operatorPosition(text: string): number | undefined {
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
    else if (depth === 0 && operatorPattern.test(text.slice(i, i + 2)) && /[=!<>]/.test(c)) return i;
  }
  return undefined;
}

function readLiteral(text: string): Literal | undefined {
  if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return Number(text);
  if (/^'(?:[^'\\]|\\.)*'$/s.test(text)) return text.slice(1, -1).replace(/\\(.)/gs, "$1");
  if (text === "true") return true;
  if (text === "false") return false;
  return text === "null" ? null : undefined;
}

function wrong(text: string, why: string): ExpressionError {
  return new ExpressionError(`"${text}": ${why}.`);
}

function ordered<T extends number | string>(operator: Operator, left: T, right: T): boolean {
  switch (operator) {
    case ">=":
      return left >= right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    default:
      return left < right;
  }
}

function compilePath(path: string): Selector {
  return selectors.get(path) ?? remember(selectors, path, readPath(path));
}

const plainPath = /^\$(?:\.[A-Za-z_]\w*)*$/;

function readPath(path: string): Selector {
  if (plainPath.test(path)) {
    const names = path.split(".").slice(1);
    return (data) => follow(data, names);
  }
  let query: ReturnType<typeof compile>;
  try {
    query = compile(path);
  } catch (error) {
    throw new ExpressionError(`"${path}" is not a JSONPath: ${(error as Error).message}`);
  }
  if (query.singularQuery()) return (data) => query.match(data as JSONValue)?.value;
  return (data) => {
    const values = query.query(data as JSONValue).values();
    return values.length === 0 ? undefined : values;
  };
}

function follow(data: unknown, names: readonly string[]): unknown {
  let value = data;
  for (const name of names) {
    if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, name))
      return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function resolveMembers(
  members: Record<string, unknown>,
  data: unknown,
  constants: Record<string, unknown>,
): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const name of Object.keys(members)) {
    const value = resolveValue(members[name], data, constants);
    // defineProperty, so that a member called __proto__ stays a member
    if (value !== undefined) {
      if (name === "__proto__")
        Object.defineProperty(out, name, { value, enumerable: true, configurable: true, writable: true });
      else out[name] = value;
    }
  }
  return out;
}

function resolveValue(value: unknown, data: unknown, constants: Record<string, unknown>): unknown {
  if (typeof value === "string") {
    if (!value.startsWith("$")) return value;
    return (resolvers.get(value) ?? remember(resolvers, value, readArgument(value)))(data, constants);
  }
  if (Array.isArray(value)) {
    return value.map((item) => resolveValue(item, data, constants) ?? null);
  }
  if (typeof value === "object" && value !== null) {
    return resolveMembers(value as Record<string, unknown>, data, constants);
  }
  return value;
}

/** `path` or `path | fallback`, the fallback being a literal, a constant path or a path. */
function readArgument(text: string): Resolver {
  const [left, ...rest] = splitAtPipes(text);
  const first = readReference(left as string, text);
  if (rest.length === 0) return first;
  if (rest.length > 1) throw wrong(text, "only one default may follow the path");
  const right = (rest[0] as string).trim();
  if (right === "") throw wrong(text, "nothing after the |");
  let fallback: Resolver;
  if (right.startsWith("$")) fallback = readReference(right, text);
  else {
    const literal = readLiteral(right);
    if (literal === undefined)
      throw wrong(
        text,
        `the default "${right}" is not a number, a single-quoted string, true, false, null or a path`,
      );
    fallback = () => literal;
  }
  return (data, constants) => {
    const value = first(data, constants);
    return value === undefined ? fallback(data, constants) : value;
  };
}

function readReference(reference: string, text: string): Resolver {
  const path = reference.trim();
  try {
    if (/^\$CONST(?![A-Za-z0-9_])/.test(path)) {
      const selector = compilePath(`$${path.slice("$CONST".length)}`);
      return (_, constants) => selector(constants);
    }
    const selector = compilePath(path);
    if (!/^\$\.constants(?![A-Za-z0-9_])/.test(path)) return selector;
    // both spellings are in the documents: the flow's own data win over the constants of the same path
    const constant = compilePath(`$${path.slice("$.constants".length)}`);
    return (data, constants) => {
      const value = selector(data);
      return value === undefined ? constant(constants) : value;
    };
  } catch (error) {
    throw wrong(text, (error as Error).message.replace(/\.$/, ""));
  }
}

function splitAtPipes(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = "";
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (quote) {
      if (c === "\\") i++;
      else if (c === quote) quote = "";
    } else if (c === "'" || c === '"') quote = c;
    else if (c === "[" || c === "(") depth++;
    else if (c === "]" || c === ")") depth--;
    else if (c === "|" && depth === 0) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}
