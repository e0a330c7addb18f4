import { formatDuration } from "./duration.ts";
import { clip, printable } from "./table.ts";
import type { Channel } from "./terminal.ts";

/** What is known now of one request that is being watched. Times in ms since the epoch. */
export interface RunView {
  run: string;
  mesh: string;
  action: string;
  startedAt: number;
  state?: string;
  phase?: string;
  /** How many times the mesh was looked at or the state tried. */
  attempts?: number;
  /** Why nothing happens at the moment, such as `429 APIGW.0308`. */
  why?: string;
  nextAt?: number;
}

export type ProgressMode = "json" | "lines" | "live";

export interface Progress {
  /** Changes what is known of a run; with a note also says it for good. */
  update(run: string, change: Partial<RunView>, note?: Note): void;
  /** Says something that is about no run, or about all. */
  say(note: Note): void;
  /** Ends the status line; nothing is written afterwards. */
  stop(): void;
}

export interface Note {
  event: string;
  text: string;
  /** Further fields for machines. */
  data?: Record<string, unknown>;
}

/**
 * Tells how requests go on: one line that changes on a terminal, with lasting notes above it; time-stamped
 * lines elsewhere, one a minute when nothing happens; JSON lines with `mode: "json"`.
 */
export function createProgress(
  channel: Channel,
  options: { mode: ProgressMode; now?: () => number; redrawMs?: number; heartbeatMs?: number },
): Progress {
  const { mode, now = Date.now, redrawMs = 500, heartbeatMs = 60_000 } = options;
  const views = new Map<string, RunView>();
  let drawn = false;
  let lastLineAt = now();
  let frame = 0;

  const clear = () => {
    if (drawn) channel.write("\r\u001b[2K");
    drawn = false;
  };
  const draw = () => {
    clear();
    const text = statusLine([...views.values()], now());
    if (text === "") return;
    const spinner = channel.colors.cyan(frames[frame++ % frames.length]!);
    channel.write(`${spinner} ${clip(text, (channel.columns() ?? 80) - 3)}`);
    drawn = true;
  };
  const say = (view: RunView | undefined, note: Note) => {
    lastLineAt = now();
    if (mode === "json") {
      const { run, mesh, phase, state } = view ?? {};
      channel.line(
        JSON.stringify({
          time: iso(now()),
          event: note.event,
          run,
          mesh,
          state,
          phase,
          ...note.data,
          text: note.text,
        }),
      );
      return;
    }
    clear();
    const stamp =
      mode === "live" ? new Date(now()).toTimeString().slice(0, 8) : iso(now()).replace(/\.\d+/, "");
    channel.line(`${channel.colors.dim(stamp)}  ${view ? `${view.mesh}: ` : ""}${printable(note.text)}`);
  };
  const beat = () => {
    if (mode === "live") draw();
    else if (views.size > 0 && now() - lastLineAt >= heartbeatMs) {
      for (const view of views.values()) say(view, { event: "waiting", text: statusOf(view, now()) });
    }
  };
  const timer = setInterval(beat, redrawMs);
  timer.unref();

  return {
    update(run, change, note) {
      const before = views.get(run) ?? { run, mesh: change.mesh ?? run, action: "", startedAt: now() };
      const view = { ...before, ...change };
      if (note?.event === "ended") views.delete(run);
      else views.set(run, view);
      if (note) say(view, note);
      if (mode === "live") draw();
    },
    say(note) {
      say(undefined, note);
      if (mode === "live") draw();
    },
    stop() {
      clearInterval(timer);
      clear();
    },
  };
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** One line for all runs: in full for one, counted for several. */
function statusLine(views: RunView[], now: number): string {
  const [only] = views;
  if (only === undefined) return "";
  if (views.length === 1) return `${only.mesh}: ${statusOf(only, now)}`;
  const next = Math.min(...views.map((view) => view.nextAt ?? Number.POSITIVE_INFINITY));
  const wait = Number.isFinite(next) && next > now ? ` · next step in ${formatDuration(next - now)}` : "";
  return `${views.length} requests in progress: ${views.map((view) => view.mesh).join(", ")}${wait}`;
}

/** `Creating · 2m 12s · poll-status, attempt 3 · 429 APIGW.0308 · next try in 8s`. */
export function statusOf(view: RunView, now: number): string {
  const step = view.attempts && view.attempts > 1 ? `${view.state}, attempt ${view.attempts}` : view.state;
  return [
    phaseWords[view.phase ?? ""] ?? view.phase ?? (view.action === "delete" ? "deleting" : "creating"),
    formatDuration(now - view.startedAt),
    step,
    view.why,
    view.nextAt && view.nextAt > now ? `next step in ${formatDuration(view.nextAt - now)}` : undefined,
  ]
    .filter(Boolean)
    .map((part) => printable(String(part)))
    .join(" · ");
}

/** What poll-status sees besides phases. */
export const phaseWords: Record<string, string> = { notFound: "not found", unreachable: "ASM not reachable" };

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
