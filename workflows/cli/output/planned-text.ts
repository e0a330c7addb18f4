import type { PlannedRequest } from "../dry-run.ts";
import type { Colors } from "./terminal.ts";

/** A dry run for people: the request as it goes over the wire, then warnings, then what would follow. */
export function plannedText(
  { method, url, headers, body }: PlannedRequest,
  warnings: readonly string[],
  plan: readonly string[],
  colors: Colors,
): string {
  return [
    `${colors.bold(method)} ${url}`,
    ...Object.entries(headers).map(([name, value]) => `${colors.dim(`${name}:`)} ${value}`),
    "",
    JSON.stringify(body, undefined, 2),
    "",
    ...warnings.map((text) => `${colors.yellow("warning:")} ${text}`),
    "Nothing was sent. Without --dry-run meshflow would:",
    ...plan.map((step, index) => `  ${index + 1}. ${step}`),
  ].join("\n");
}
