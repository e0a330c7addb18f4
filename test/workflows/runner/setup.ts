import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import type { Clock } from "../../../workflows/runner/clock.ts";
import {
  createRunner,
  type Invoke,
  type Runner,
  type RunnerOptions,
} from "../../../workflows/runner/runner.ts";
import { settle, VirtualClock } from "./virtual-clock.ts";

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export function cleanUp(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

/** A journal file of its own for one test. */
export function journalFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "meshflow-journal-"));
  cleanUp(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "journal.db");
}

/** A runner on a real file, under a virtual clock unless one is given; closed after the test. */
export function openRunner(
  options: Partial<RunnerOptions> & { invoke?: Invoke; clock?: Clock } = {},
): Runner {
  const clock = options.clock ?? new VirtualClock();
  const runner = createRunner({
    journal: journalFile(),
    invoke: async () => ({}),
    watchMs: 0,
    closeGraceMs: 50,
    ...options,
    clock,
  });
  cleanUp(() => runner.close());
  return runner;
}

/** A promise with its ends outside. */
export function gate<T>(): {
  opened: Promise<T>;
  open: (value: T) => void;
  fail: (error: Error) => void;
} {
  let open!: (value: T) => void;
  let fail!: (error: Error) => void;
  const opened = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { opened, open, fail };
}

/** Waits for something that happens by itself soon, in real time. */
export async function until(holds: () => unknown, withinMs = 10_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`Still waiting after ${withinMs} ms for ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
    await settle();
  }
}
