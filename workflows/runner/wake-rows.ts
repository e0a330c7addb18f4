import type { Journal } from "./journal.ts";

/** Numbers of this owner's executions that wait for nothing. */
export function ready(journal: Journal, owner: string): number[] {
  return journal.numbers(
    "SELECT n FROM executions WHERE owner = ? AND status = 'running' AND wake_at IS NULL ORDER BY n",
    owner,
  );
}

/** Numbers of this owner's executions whose wake time or deadline is not after `now`. */
export function due(journal: Journal, owner: string, now: number): number[] {
  return journal.numbers(
    `SELECT n FROM executions WHERE owner = ?1 AND wake_at IS NOT NULL AND wake_at <= ?2
     UNION SELECT n FROM executions WHERE owner = ?1 AND status = 'running' AND timeout_at IS NOT NULL AND timeout_at <= ?2`,
    owner,
    now,
  );
}

/** The earliest wake time or deadline after `now`. */
export function nextDue(journal: Journal, owner: string, now: number): number | undefined {
  const row = journal
    .prepare(
      `SELECT min(at) AS at FROM (
       SELECT min(wake_at) AS at FROM executions WHERE owner = ?1 AND wake_at IS NOT NULL AND wake_at > ?2
       UNION ALL SELECT min(timeout_at) FROM executions
         WHERE owner = ?1 AND status = 'running' AND timeout_at IS NOT NULL AND timeout_at > ?2)`,
    )
    .get(owner, now) as { at: number | null };
  return row.at ?? undefined;
}

/** The clock went back by `ms`: sleeps keep their length. Deadlines are absolute and stay. */
export function shiftWakes(journal: Journal, owner: string, ms: number, now: number): void {
  journal
    .prepare(
      "UPDATE executions SET wake_at = wake_at - ?2, updated_at = min(updated_at, ?3) WHERE owner = ?1 AND wake_at IS NOT NULL",
    )
    .run(owner, ms, now);
}

/** Rows written at a time that has not come yet: the clock went back while no process ran. */
export function unwindFuture(journal: Journal, owner: string, now: number): void {
  journal
    .prepare(
      `UPDATE executions SET wake_at = wake_at - (updated_at - ?2), updated_at = ?2
       WHERE owner = ?1 AND wake_at IS NOT NULL AND updated_at > ?2 + 1000`,
    )
    .run(owner, now);
}
