import * as z from "zod";

/**
 * A file that is not a flow definition. The message lists every fault by its path and, inside a state, by the
 * state's id; `faults` holds the same for programs.
 */
export class InvalidFlowError extends Error {
  override readonly name = "InvalidFlowError";
  readonly file: string;
  readonly faults: FlowFault[];

  constructor(file: string, faults: FlowFault[]) {
    const lines = faults.map((fault) => `- ${where(fault)}: ${fault.message}`);
    super(`${file} is not a valid flow definition:\n${lines.join("\n")}`);
    this.file = file;
    this.faults = faults;
  }
}

/** One fault: `path` as in `states[2].duration` (empty: the whole file), `state` the id where it has one. */
export interface FlowFault {
  path: string;
  state?: string;
  message: string;
}

/** Zod's issues about `json` in plain words, each with its path and, inside a state, the state's id. */
export function faultsOf(error: z.ZodError, json: unknown): FlowFault[] {
  return error.issues.map((issue) => {
    const state = issue.path[0] === "states" ? idOfState(json, issue.path[1]) : undefined;
    const path = z.core.toDotPath(issue.path);
    return {
      path,
      ...(state === undefined ? {} : { state }),
      message: inWords(issue, valueAt(json, issue.path)),
    };
  });
}

function inWords(issue: z.core.$ZodIssue, value: unknown): string {
  const kind = "origin" in issue ? issue.origin : "";
  const unit = kind === "string" ? " characters" : kind === "array" ? " entries" : "";
  switch (issue.code) {
    case "unrecognized_keys":
      return `does not belong here: ${issue.keys.join(", ")}`;
    case "too_big":
      return `must be at most ${issue.maximum}${unit}`;
    case "too_small":
      return issue.message.startsWith("Too small")
        ? `must be at least ${issue.minimum}${unit}`
        : issue.message;
    case "invalid_type":
      if (value === undefined) return "is missing";
      return `must be ${issue.expected === "int" ? "a whole number" : `of type ${issue.expected}`}`;
    case "invalid_value":
      return issue.message.startsWith("Invalid")
        ? `must be ${issue.values.map((allowed) => JSON.stringify(allowed)).join(" or ")}`
        : issue.message;
    default:
      return issue.message;
  }
}

function where(fault: FlowFault): string {
  const path = fault.path === "" ? "the file" : fault.path;
  return fault.state === undefined ? path : `${path} (state ${fault.state})`;
}

function idOfState(json: unknown, index: unknown): string | undefined {
  const id = valueAt(json, ["states", index as PropertyKey, "id"]);
  return typeof id === "string" ? id : undefined;
}

function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined,
    json,
  );
}
