import { checkConditions } from "./check-conditions.ts";
import { checkPaths } from "./check-paths.ts";
import { checkReferences } from "./check-references.ts";
import { checkTime } from "./check-time.ts";
import { flowDefinition } from "./definition.ts";
import { faultsOf } from "./flow-faults.ts";

/** One thing to mend in a flow file: where, what, and how. An `error` keeps the flow from working. */
export interface Finding {
  level: "error" | "warning";
  file: string;
  /** Line in the file, from 1: of the state where there is one. Only when the text was given. */
  line?: number;
  state?: string;
  /** As in `states[2].on_errors[0].transition`. */
  path?: string;
  message: string;
  fix: string;
}

/** How a check tells a finding; file and line are added by checkDefinition. */
export type Report = (finding: Omit<Finding, "file" | "line">) => void;

export interface CheckOptions {
  file: string;
  /** The file's text, for line numbers. */
  text?: string;
  /** The time a request may take, which the flow's polling must cover. */
  deadlineSeconds?: number;
  /** The functions that exist; without it any name is accepted. */
  functions?: readonly string[];
}

/**
 * Everything that is wrong with a flow file, in the order of the file's parts: the shape first, and when that is
 * right, names, paths, conditions and the time budget. An empty list means that the flow can be run and deployed.
 */
export function checkDefinition(json: unknown, options: CheckOptions): Finding[] {
  const findings: Finding[] = [];
  const report: Report = (finding) => {
    const line = lineOf(finding.state, options.text);
    findings.push({ file: options.file, ...(line === undefined ? {} : { line }), ...finding });
  };

  const parsed = flowDefinition.safeParse(json);
  if (!parsed.success) {
    for (const fault of faultsOf(parsed.error, json)) {
      const fix = `see ${fault.path === "" ? "the top level" : fault.path.replace(/\[\d+\]/g, "[]")} in flow.schema.json`;
      report({ level: "error", ...fault, message: `${fault.path || "the file"} ${fault.message}`, fix });
    }
    return findings;
  }

  const definition = parsed.data;
  checkReferences(definition, options.functions, report);
  checkPaths(definition, report);
  checkConditions(definition, report);
  checkTime(definition, options.deadlineSeconds, report);
  return findings;
}

function lineOf(state: string | undefined, text: string | undefined): number | undefined {
  if (state === undefined || text === undefined) return undefined;
  const escaped = JSON.stringify(state).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const at = text.search(new RegExp(`"id"\\s*:\\s*${escaped}`));
  return at === -1 ? undefined : text.slice(0, at).split("\n").length;
}
