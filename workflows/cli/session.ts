import type { Config } from "../../shared/config.ts";
import { createLogger } from "../../shared/logger.ts";
import type { Runner } from "../runner/runner.ts";
import { type Composition, compose } from "./composition.ts";
import type { Context } from "./context.ts";
import { openRunner } from "./open-runner.ts";
import { createProgress, type Note, type Progress } from "./output/progress.ts";
import { RunProgress } from "./run-progress.ts";

/** Everything that a command which drives requests holds open. */
export interface Session {
  config: Config;
  composition: Composition;
  runner: Runner;
  progress: Progress;
  /** Aborted by Ctrl-C; a second Ctrl-C ends the process as ever. */
  interrupted: AbortSignal;
  /** Says something for good about a run. */
  say(run: string, note: Note): void;
  /** Reads from the journal how a run stands that another process works on. */
  look(run: string): void;
  /** Ends the progress display and lets go of the journal; what is unfinished stays resumable. */
  close(): Promise<void>;
}

/** Composes the functions, opens the journal and begins to show progress on standard error. */
export async function openSession(
  context: Context,
  options: { json?: true | undefined; config?: Config },
): Promise<Session> {
  const { terminal, now, fetch } = context;
  const config = options.config ?? context.config();
  const progress = createProgress(terminal.err, {
    mode: options.json ? "json" : terminal.err.isTTY ? "live" : "lines",
    now,
  });
  const logger = createLogger(config.logLevel, { write: (line) => progress.say(noteOfLog(line)) });
  try {
    const watched = new RunProgress(progress, now);
    const composition = await compose(config, {
      fetch,
      now,
      logger,
      onAttempt: (event) => watched.onAttempt(event),
      onObserved: (event) => watched.onObserved(event),
    });
    const interrupt = new AbortController();
    const release = context.onInterrupt(() => {
      release();
      interrupt.abort();
    });
    const runner = openRunner(context, config, {
      invoke: composition.invoke,
      logger,
      onEvent: (event) => watched.onEvent(event),
    });
    watched.runner = runner;
    return {
      config,
      composition,
      runner,
      progress,
      interrupted: interrupt.signal,
      look: (run) => watched.look(run),
      say: (run, note) => watched.say(run, note),
      async close() {
        release();
        progress.stop();
        await runner.close();
      },
    };
  } catch (error) {
    progress.stop();
    throw error;
  }
}

/** A log line as a note, so that it does not tear the status line. */
function noteOfLog(line: string): Note {
  const { level: _, time: __, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const said = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return { event: "log", text: [msg, ...said].join(" "), data: fields };
}
