import * as z from "zod/mini";

/** One thing that is wrong with an input, by its path in the words of whoever wrote it: `clusters[0].nodes`. */
export interface Fault {
  path: string;
  message: string;
}

/** Every fault of a failed parse: unknown keys one by one, unions by the branch that was meant. */
export function faultsOf(
  error: { issues: readonly z.core.$ZodIssue[] },
  prefix: PropertyKey[] = [],
): Fault[] {
  return error.issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path];
    if (issue.code === "unrecognized_keys") {
      const lines = issue.message.split("\n");
      return issue.keys.map((key, i) => ({
        path: formatPath([...path, key]),
        message: lines[i] ?? issue.message,
      }));
    }
    const meant = issue.code === "invalid_union" ? issue.errors.filter(ofRightKind) : [];
    const [branch] = meant;
    if (branch !== undefined && meant.length === 1) return faultsOf({ issues: branch }, path);
    return [{ path: formatPath(path), message: issue.message }];
  });
}

/** A branch of a union that took the value itself and only disliked something inside it. */
function ofRightKind(issues: readonly z.core.$ZodIssue[]): boolean {
  return !issues.some((issue) => {
    if (issue.path.length > 0) return false;
    return (
      issue.code === "invalid_type" || (issue.code === "invalid_union" && !issue.errors.some(ofRightKind))
    );
  });
}

/** `["clusters", 0, "nodes"]` → `clusters[0].nodes`; keys that are not plain words are quoted. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    const key = String(part);
    if (!/^[\w-]+$/.test(key)) return `${text}[${JSON.stringify(key)}]`;
    return text === "" ? key : `${text}.${key}`;
  }, "");
}

/** `  path: message` per fault, for the body of an error message. */
export function listFaults(faults: readonly Fault[]): string {
  return faults.map(({ path, message }) => `\n  ${path === "" ? "(the whole)" : path}: ${message}`).join("");
}

/**
 * A strict object whose unknown keys are answered with the nearest right name.
 * `elsewhere` says what to do about names that are right in another place or form.
 */
export function strict<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  what: string,
  elsewhere: Record<string, string> = {},
) {
  const schema = z.strictObject(shape, {
    error: (issue) => {
      if (issue.code === "unrecognized_keys") {
        const keys = (issue as unknown as { keys: string[] }).keys;
        return keys.map((key) => unknownKey(key, Object.keys(shape), elsewhere)).join("\n");
      }
      return missingOr(issue.input, what, `must be an object: ${what}`);
    },
  });
  return schema.check(z.describe(what));
}

/**
 * A text field; `what` says what belongs there, both when it is missing and when it is something else.
 * A number is never taken for one: YAML reads a version 1.20 as 1.2.
 */
export function text(what: string) {
  return z.string({ error: (issue) => missingOr(issue.input, what, notText(issue.input, what)) }).check(
    z.describe(what),
    z.refine((value) => value.trim() === value && value !== "", {
      error: (issue) => (String(issue.input).trim() === "" ? `is empty: ${what}` : "has space around it"),
    }),
  );
}

function notText(input: unknown, what: string): string {
  const quotes = typeof input === "number" || typeof input === "boolean" ? ", so put it in quotes" : "";
  return `must be a text${quotes}: ${what}`;
}

export function missingOr(input: unknown, what: string, otherwise: string): string {
  return input === undefined ? `is missing: ${what}` : otherwise;
}

/** What to say about a key that is not known: where it belongs, or the name it was probably meant to be. */
export function unknownKey(
  key: string,
  known: readonly string[],
  elsewhere: Record<string, string> = {},
): string {
  const advice = Object.hasOwn(elsewhere, key) ? elsewhere[key] : undefined;
  if (advice !== undefined) return advice;
  const right = nearestKey(key, known);
  return right === undefined
    ? `is not a known field; known here: ${known.join(", ")}`
    : `is not a known field; did you mean ${right}?`;
}

/** The known name that `key` most probably was: same letters first (case, spaces, hyphens, l for I), then few typos. */
export function nearestKey(key: string, known: readonly string[]): string | undefined {
  const plain = letters(key);
  let best: { name: string; distance: number } | undefined;
  for (const name of known) {
    const distance = editDistance(plain, letters(name));
    if (best === undefined || distance < best.distance) best = { name, distance };
  }
  return best && best.distance <= Math.max(1, Math.floor(plain.length / 4)) ? best.name : undefined;
}

function letters(name: string): string {
  return name
    .replace(/[\s_-]/g, "")
    .toLowerCase()
    .replace(/l/g, "i");
}

/** Letters to insert, remove, replace or swap with their neighbour. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2]! + 1 : Infinity;
      next.push(Math.min(replaced, swapped, row[j]! + 1, next[j - 1]! + 1));
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}
