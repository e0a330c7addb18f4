import { record } from "../../../shared/request/step-answer.ts";
import type { ExecutionSummary, HistoryEvent } from "../../runner/runner.ts";
import type { Outcome } from "../outcome.ts";
import { shortRunId } from "../run-id.ts";
import { attemptText } from "./attempt-text.ts";
import { formatDuration } from "./duration.ts";
import { observedText } from "./outcome-text.ts";
import { pairs, printable, table, wrap } from "./table.ts";
import type { Channel, Colors } from "./terminal.ts";

/** One line a run. */
export function runTable(
  runs: readonly (readonly [ExecutionSummary, Outcome])[],
  now: number,
  out: Channel,
): string {
  const rows = runs.map(([summary, outcome]) => [
    shortRunId(outcome.run),
    outcome.action,
    outcome.mesh.name ?? outcome.mesh.uid ?? "-",
    outcome.state,
    outcome.mesh.phase ?? "-",
    formatDuration(now - summary.startedAt),
    formatDuration(outcome.elapsedMs),
    ownerText(summary),
  ]);
  const header = ["RUN", "ACTION", "MESH", "STATE", "PHASE", "AGE", "TOOK", "OWNER"];
  return table(header, rows, { colors: out.colors, columns: out.columns(), shrink: [2] });
}

/** What a run is, how it stands and which process has it. */
export function runText(
  summary: ExecutionSummary,
  outcome: Outcome,
  now: number,
  { colors, columns }: Channel,
): string {
  const { mesh, error } = outcome;
  const waits =
    summary.wakeAt && summary.wakeAt > now ? `, next in ${formatDuration(summary.wakeAt - now)}` : "";
  const where = `${summary.stateId}${summary.attempt > 1 ? `, attempt ${summary.attempt}` : ""}`;
  return pairs(
    [
      ["run", summary.id],
      ["key", summary.key],
      ["asks to", `${outcome.action} ${colors.bold(mesh.name ?? mesh.uid ?? "a mesh")}`],
      ["state", stateText(outcome, colors)],
      [
        "at",
        outcome.state === "running"
          ? `${where}${summary.waiting ? ` (${summary.waiting}${waits})` : ""}`
          : undefined,
      ],
      ["owner", outcome.state === "running" ? ownerText(summary) : undefined],
      ["mesh uid", mesh.uid],
      ["phase", mesh.phase],
      ["seen", observedText(outcome.observed)],
      ["error", error && printable([error.code, error.message].filter(Boolean).join(" "))],
      ["request id", error?.requestId],
      ["hint", error?.hint && printable(error.hint)],
      ["warnings", outcome.warnings.map(printable).join("\n")],
      ["told", outcome.deliveries.map(({ destination, status }) => `${destination} ${status}`).join(", ")],
      ["started", outcome.startedAt],
      ["took", formatDuration(outcome.elapsedMs)],
      ["deadline", outcome.deadline],
    ],
    colors,
    columns(),
  );
}

/** What happened, in order: time since the start, the state, and what was tried or answered, wrapped. */
export function timelineText(history: readonly HistoryEvent[], { colors, columns }: Channel): string {
  const start = history[0]?.at ?? 0;
  const rows = history.flatMap((event) => {
    const state = event.attempt > 1 ? `${event.stateId} (${event.attempt})` : event.stateId;
    const row = (at: number, text: string) =>
      [`+${formatDuration(Math.max(0, at - start))}`, state, printable(text)] as const;
    const tried = record(event.data).tried;
    const failures = event.type === "result" && Array.isArray(tried) ? tried.map(record) : [];
    const { resumed } = event;
    return [
      ...(resumed ? [row(resumed.at, `taken over by process ${resumed.pid}: its process was gone`)] : []),
      ...failures.map((one) => row(Date.parse(String(one.at)), triedText(one))),
      row(event.at, happened(event)),
    ];
  });
  const after = Math.max(5, ...rows.map(([time]) => time.length));
  const state = Math.max(5, ...rows.map(([, name]) => name.length));
  const room = Math.max(20, (columns() ?? Number.POSITIVE_INFINITY) - after - state - 4);
  const lines = rows.map(([time, name, text]) => {
    const indent = `\n${" ".repeat(after + state + 4)}`;
    return `${time.padEnd(after)}  ${name.padEnd(state)}  ${wrap(text, room).join(indent)}`;
  });
  return [colors.dim(`${"AFTER".padEnd(after)}  ${"STATE".padEnd(state)}  WHAT HAPPENED`), ...lines].join(
    "\n",
  );
}

export function ownerText({ status, owner }: ExecutionSummary): string {
  if (status !== "running") return "-";
  if (!owner?.alive) return "nobody (resumable)";
  return owner.self ? "this process" : `process ${owner.pid} on ${owner.host}`;
}

function happened({ type, stateId, data, damaged }: HistoryEvent): string {
  if (damaged) return "this record is damaged";
  const step = record(data);
  const error = record(step.error);
  const reason = [step.code ?? error.code, step.message ?? error.message].filter(Boolean).join(" ");
  switch (type) {
    case "start":
      return "request accepted";
    case "result":
      return stateId === "notify" ? told(step) : answered(step, reason, error);
    case "failed":
      return `the function failed: ${reason}`;
    case "wake":
      return "waited";
    case "retries-exhausted":
      return `no more tries: ${reason}`;
    case "cancel":
      return `cancelled: ${reason}`;
    case "deadline":
      return `deadline: ${reason}`;
    case "redrive":
      return "tried again from here";
    default:
      return step.status === "success" ? "the end of the flow" : `ended: ${step.status ?? "unknown"}`;
  }
}

/** `ShowMesh 502 Bad Gateway; tried again after 0.7s` */
function triedText({ retryInMs, ...attempt }: Record<string, unknown>): string {
  const what = attemptText(attempt);
  return typeof retryInMs === "number" ? `${what}; tried again after ${formatDuration(retryInMs)}` : what;
}

function answered(step: Record<string, unknown>, reason: string, error: Record<string, unknown>): string {
  const mesh = record(step.mesh);
  const parts = [
    step.statusCode === 202
      ? "still pending"
      : step.statusCode === undefined
        ? "done"
        : String(step.statusCode),
    mesh.phase && `mesh ${mesh.phase}`,
    step.adopted === true && "found: an earlier attempt of this request had made it",
    observedText(step.observed as Outcome["observed"]),
    reason,
    error.requestId && `request id ${error.requestId}`,
  ];
  return parts.filter(Boolean).join(", ");
}

function told(step: Record<string, unknown>): string {
  const deliveries = Array.isArray(step.deliveries) ? step.deliveries.map(record) : [];
  if (deliveries.length === 0) return "told nobody";
  const each = deliveries.map(
    ({ destination, status, detail }) => `${destination} ${status}${detail ? ` (${detail})` : ""}`,
  );
  return `told ${each.join(", ")}`;
}

function stateText({ state, statusCode }: Outcome, colors: Colors): string {
  const text = statusCode !== undefined && state === "failed" ? `${state} (${statusCode})` : state;
  if (state === "succeeded") return colors.green(text);
  return state === "running" ? colors.cyan(text) : colors.red(text);
}
