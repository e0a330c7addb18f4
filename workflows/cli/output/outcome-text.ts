import type { Outcome } from "../outcome.ts";
import { shortRunId } from "../run-id.ts";
import { formatDuration } from "./duration.ts";
import { pairs, printable } from "./table.ts";
import type { Channel, Colors } from "./terminal.ts";

/** How a request ended, for people: one line that says it, then what is known of the mesh and the run. */
export function outcomeText(outcome: Outcome, { colors, columns }: Channel): string {
  const { mesh, error } = outcome;
  const details = pairs(
    [
      ["  uid", mesh.uid],
      ["  phase", mesh.phase],
      ["  version", mesh.version],
      ["  cluster", mesh.clusters?.join(", ")],
      ["  answer", outcome.state === "cancelled" ? undefined : answer(error)],
      ["  hint", error?.hint && printable(error.hint)],
      ["  seen", observedText(outcome.observed)],
      ["  warnings", outcome.warnings.map(printable).join("\n")],
      ["  told", outcome.deliveries.map(delivered).join("\n")],
      ["  run", shortRunId(outcome.run)],
    ],
    colors,
    columns(),
  );
  return `${headline(outcome, colors)}\n${details}`;
}

/** `Creating 12x, unreachable 1x`: what was seen while waiting. */
export function observedText(observed: Outcome["observed"]): string | undefined {
  const seen = Object.entries(observed ?? {}).filter(([, times]) => times > 0);
  return seen.length > 0 ? seen.map(([what, times]) => `${what} ${times}x`).join(", ") : undefined;
}

/** What to type after a request that did not succeed. */
export function nextStep({ state, action, mesh, run, statusCode }: Outcome): string | undefined {
  const id = shortRunId(run);
  switch (state) {
    case "succeeded":
      return undefined;
    case "running":
      return `meshflow resume ${id}`;
    case "cancelled":
      return mesh.uid && action === "create"
        ? `The mesh goes on in ASM. Remove it with: meshflow delete ${mesh.uid}`
        : `meshflow retry ${id}`;
    case "timeout":
      return `Wait for it again with: meshflow retry ${id}`;
    default:
      if (statusCode === 422 && action === "create" && mesh.uid) {
        return `Remove it with: meshflow delete ${mesh.uid}; then try again: meshflow retry ${id}`;
      }
      if (statusCode === 409) return "Choose another name, or see whose it is: meshflow list";
      return `See what was tried: meshflow show ${id}; try again: meshflow retry ${id}`;
  }
}

function headline({ state, action, mesh, elapsedMs, error }: Outcome, colors: Colors): string {
  const name = colors.bold(mesh.name ?? mesh.uid ?? "the mesh");
  const time = colors.dim(`(${formatDuration(elapsedMs)})`);
  switch (state) {
    case "succeeded":
      return `${colors.green("✓")} ${name} ${action === "delete" ? "is gone" : `is ${mesh.phase ?? "Running"}`} ${time}`;
    case "running":
      return `${colors.cyan("…")} ${name} is being ${action}d ${time}`;
    case "timeout":
      return `${colors.red("✗")} ${name} was not ${action}d in time ${time}`;
    case "cancelled":
      return `${colors.yellow("■")} ${name}: ${action} cancelled ${time}`;
    case "damaged":
      return `${colors.red("✗")} ${name}: the record of this run is damaged`;
    default:
      return `${colors.red("✗")} ${name} could not be ${action}d${reasonIn(error?.message, mesh.name)} ${time}`;
  }
}

/** The message without the name and uid of the mesh at its beginning, which stand beside it anyway. */
function reasonIn(message: string | undefined, name = ""): string {
  if (!message) return "";
  const rest = message.startsWith(`${name} (uid `) ? message.replace(/^.*?\): /, "") : message;
  return `: ${printable(rest)}`;
}

function answer(error: Outcome["error"]): string | undefined {
  if (!error?.code && !error?.requestId) return undefined;
  return [error.code, error.requestId && `request id ${error.requestId}`].filter(Boolean).join(", ");
}

function delivered({ destination, status, detail }: Outcome["deliveries"][number]): string {
  return `${destination} ${status}${status === "failed" && detail ? ` (${detail})` : ""}`;
}
