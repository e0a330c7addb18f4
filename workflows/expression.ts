import { wrong } from "./expression-error.ts";
import {
  type Literal,
  type Operator,
  readLiteral,
  splitAtOperator,
  splitAtPipes,
} from "./expression-text.ts";
import { compilePath, select } from "./json-path.ts";
import { remember } from "./remember.ts";

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
  return remember(conditions, text, readCondition);
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
  const out: Record<string, unknown> = {};
  for (const name of Object.keys(args)) {
    const value = resolveValue(args[name], data, constants);
    if (value === undefined) continue;
    // defineProperty, so that a member called __proto__ stays a member
    if (name === "__proto__")
      Object.defineProperty(out, name, { value, enumerable: true, configurable: true, writable: true });
    else out[name] = value;
  }
  return out;
}

const conditions = new Map<string, Condition>();

function readCondition(text: string): Condition {
  const trimmed = text.trim();
  if (!trimmed.startsWith("$")) throw wrong(text, "it must begin with a JSONPath such as $.statusCode");
  const parts = splitAtOperator(trimmed);
  if (!parts) throw wrong(text, "no operator: one of == != >= <= > < is needed");
  const { left: path, operator, right } = parts;
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

type Resolver = (data: unknown, constants: Record<string, unknown>) => unknown;

const resolvers = new Map<string, Resolver>();

function resolveValue(value: unknown, data: unknown, constants: Record<string, unknown>): unknown {
  if (typeof value === "string") {
    if (!value.startsWith("$")) return value;
    return remember(resolvers, value, readArgument)(data, constants);
  }
  if (Array.isArray(value)) {
    return value.map((item) => resolveValue(item, data, constants) ?? null);
  }
  if (typeof value === "object" && value !== null) {
    return resolveArguments(value as Record<string, unknown>, data, constants);
  }
  return value;
}

/** `path` or `path | fallback`, the fallback being a literal, a constant path or a path. */
function readArgument(text: string): Resolver {
  const [left, ...rest] = splitAtPipes(text);
  const first = readReference(left as string, text);
  if (rest.length === 0) return first;
  if (rest.length > 1) throw wrong(text, "only one default may follow the path");
  const fallback = readFallback((rest[0] as string).trim(), text);
  return (data, constants) => {
    const value = first(data, constants);
    return value === undefined ? fallback(data, constants) : value;
  };
}

function readFallback(right: string, text: string): Resolver {
  if (right === "") throw wrong(text, "nothing after the |");
  if (right.startsWith("$")) return readReference(right, text);
  const literal = readLiteral(right);
  if (literal === undefined)
    throw wrong(
      text,
      `the default "${right}" is not a number, a single-quoted string, true, false, null or a path`,
    );
  return () => literal;
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
