import type { ExecutionSummary } from "./runner.ts";

interface Waiter {
  resolve: (summary: ExecutionSummary) => void;
  reject: (error: unknown) => void;
}

/** Who waits for the end of which execution; they are told by event. */
export class Waiters {
  private readonly byId = new Map<string, { n: number; waiters: Set<Waiter> }>();

  get size(): number {
    return this.byId.size;
  }

  has(id: string): boolean {
    return this.byId.has(id);
  }

  *all(): Iterable<{ id: string; n: number }> {
    for (const [id, { n }] of [...this.byId]) yield { id, n };
  }

  /** Rejects with the signal's reason; the execution itself is not touched. */
  wait(id: string, n: number, signal?: AbortSignal): Promise<ExecutionSummary> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const entry = this.byId.get(id) ?? { n, waiters: new Set() };
      this.byId.set(id, entry);
      const waiter: Waiter = { resolve, reject };
      entry.waiters.add(waiter);
      signal?.addEventListener(
        "abort",
        () => {
          entry.waiters.delete(waiter);
          if (entry.waiters.size === 0) this.byId.delete(id);
          reject(signal.reason);
        },
        { once: true },
      );
    });
  }

  resolve(id: string, summary: ExecutionSummary): void {
    const entry = this.byId.get(id);
    this.byId.delete(id);
    for (const waiter of entry?.waiters ?? []) waiter.resolve(summary);
  }

  rejectAll(error: Error): void {
    const entries = [...this.byId.values()];
    this.byId.clear();
    for (const { waiters } of entries) for (const waiter of waiters) waiter.reject(error);
  }
}
