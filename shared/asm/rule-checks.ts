import type * as z from "zod/mini";
import { MAX_TAGS, PRESET_PROVIDER, tagKeyFault, tagValueFault } from "./rules.ts";

/** The rules as zod checks. Those over several fields run on half-right values too, so they trust nothing. */

type Context = z.core.$RefinementCtx;
type Path = PropertyKey[];

/** Turns a rule of one value into a check. */
export function rule<T>(fault: (value: T) => string | undefined) {
  return (value: T, context: Context): void => {
    const message = fault(value);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  };
}

/** Basic edition, the only one the API offers, takes one cluster. */
export function checkClusters(value: unknown, context: Context): void {
  if (!Array.isArray(value) || value.length === 1) return;
  context.addIssue({
    code: "custom",
    message:
      value.length === 0
        ? "must name one CCE cluster"
        : `must name exactly one cluster, not ${value.length}: the Basic edition takes one per mesh`,
  });
}

/** Tags in the list form; see the user guide's rules in rules.ts. */
export function checkTags(value: unknown, context: Context): void {
  if (!Array.isArray(value)) return;
  checkTagCount(value.length, context);
  const seen = new Set<string>();
  for (const [i, tag] of value.entries()) {
    const { key, value: content } = (tag ?? {}) as { key?: unknown; value?: unknown };
    if (typeof key === "string") {
      const fault = seen.has(key) ? `is given twice: ${JSON.stringify(key)}` : tagKeyFault(key);
      if (fault !== undefined) context.addIssue({ code: "custom", path: [i, "key"], message: fault });
      seen.add(key);
    }
    const fault = typeof content === "string" ? tagValueFault(content) : undefined;
    if (fault !== undefined) context.addIssue({ code: "custom", path: [i, "value"], message: fault });
  }
}

/** Tags in the short form `{ key: value }`. */
export function checkTagMap(value: unknown, context: Context): void {
  if (typeof value !== "object" || value === null) return;
  const entries = Object.entries(value);
  checkTagCount(entries.length, context);
  for (const [key, content] of entries) {
    const keyFault = tagKeyFault(key);
    if (keyFault !== undefined)
      context.addIssue({ code: "custom", path: [key], message: `the key ${keyFault}` });
    const valueFault = typeof content === "string" ? tagValueFault(content) : undefined;
    if (valueFault !== undefined) context.addIssue({ code: "custom", path: [key], message: valueFault });
  }
}

function checkTagCount(count: number, context: Context): void {
  if (count > MAX_TAGS)
    context.addIssue({ code: "custom", message: `must be at most ${MAX_TAGS} tags, not ${count}` });
}

/** Every default provider must be defined beside it or be the preset one; names are unique. */
export function checkTracing<T>(look: {
  names: (value: T) => readonly unknown[];
  defaults: (value: T) => unknown;
  namesPath: (i: number) => Path;
  defaultsPath: (i: number) => Path;
  where: string;
}) {
  return (value: T, context: Context): void => {
    if (typeof value !== "object" || value === null) return;
    const names = look.names(value);
    for (const [i, name] of names.entries()) {
      if (typeof name === "string" && names.indexOf(name) < i)
        context.addIssue({ code: "custom", path: look.namesPath(i), message: `is given twice: ${name}` });
    }
    for (const [i, name] of list(look.defaults(value)).entries()) {
      if (typeof name !== "string" || name === PRESET_PROVIDER || names.includes(name)) continue;
      context.addIssue({
        code: "custom",
        path: look.defaultsPath(i),
        message: `${JSON.stringify(name)} is neither ${PRESET_PROVIDER} nor the name of one of the ${look.where}`,
      });
    }
  };
}

/** The value when it is a list, else an empty one: for checks that run before the shape is known to be right. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
