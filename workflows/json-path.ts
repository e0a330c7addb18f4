import { compile, type JSONValue } from "json-p3";
import { ExpressionError } from "./expression-error.ts";
import { remember } from "./remember.ts";

/** What a compiled path selects from `data`. */
export type Selector = (data: unknown) => unknown;

/**
 * What a JSONPath selects: the value, an array when the path can select several, undefined when it yields nothing.
 * @throws ExpressionError
 */
export function select(path: string, data: unknown): unknown {
  return compilePath(path)(data);
}

/** @throws ExpressionError when it is not a JSONPath */
export function compilePath(path: string): Selector {
  return remember(selectors, path, readPath);
}

const selectors = new Map<string, Selector>();
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
