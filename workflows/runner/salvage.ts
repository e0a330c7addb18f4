import { existsSync, renameSync } from "node:fs";
import Database from "libsql";

/** Whether an error means that the file itself is bad, not the query or the moment. */
export function isCorruption(error: unknown): boolean {
  const code = String((error as { code?: unknown } | null)?.code);
  return code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB";
}

/** Moves a damaged journal and its log aside, where they stay for whoever wants to look; the new name. */
export function moveAside(file: string, now: number): string {
  const stamp = new Date(now).toISOString().replaceAll(/[:.]/g, "-");
  const base = `${file}.damaged-${stamp}`;
  let movedTo = base;
  for (let i = 2; existsSync(movedTo); i++) movedTo = `${base}-${i}`;
  for (const end of ["", "-wal"]) if (existsSync(file + end)) renameSync(file + end, movedTo + end);
  // the index is made anew from the log
  if (existsSync(`${file}-shm`)) renameSync(`${file}-shm`, `${movedTo}-shm`);
  return movedTo;
}

/** Copies every row that can be read from a damaged journal, moved aside, into the fresh one; how many of each. */
export function salvage(movedTo: string, into: Database.Database): { executions: number; events: number } {
  let damaged: Database.Database | undefined;
  try {
    damaged = new Database(movedTo, { timeout: 1_000 });
    return copyReadable(damaged, into);
  } catch {
    return { executions: 0, events: 0 };
  } finally {
    if (into.inTransaction) into.exec("ROLLBACK");
    damaged?.close();
  }
}

function copyReadable(
  from: Database.Database,
  to: Database.Database,
): { executions: number; events: number } {
  to.exec("BEGIN IMMEDIATE");
  copyTable(from, to, "definitions", "hash");
  const executions = copyTable(from, to, "executions", "n");
  const events = copyTable(from, to, "events", "rowid");
  copyTable(from, to, "takeovers", "rowid");
  to.exec("COMMIT");
  return { executions, events };
}

/** A damaged page can name any number: no gap is searched further than this. */
const longestGap = 100_000;

type Row = Record<string, unknown>;

/** From both ends up to the damage, then one by one through it. */
function copyTable(from: Database.Database, to: Database.Database, table: string, key: string): number {
  const names = (to.prepare(`PRAGMA table_info(${table})`).all() as { name: string }[]).map((c) => c.name);
  const insert = to.prepare(
    `INSERT OR IGNORE INTO ${table} (${names.join()}) VALUES (${names.map(() => "?").join()})`,
  );
  const select = `SELECT ${key} AS key_, ${names.join()} FROM ${table} NOT INDEXED`;
  let copied = 0;
  const take = (row: Row) => {
    copied += insert.run(names.map((name) => row[name])).changes;
  };
  const up = walk(from, `${select} WHERE ${key} > ? ORDER BY ${key} LIMIT 1`, key === "hash" ? "" : 0, take);
  if (up.whole) return copied;
  const last = key === "hash" ? "g" : Number.MAX_SAFE_INTEGER;
  const down = walk(from, `${select} WHERE ${key} < ? ORDER BY ${key} DESC LIMIT 1`, last, take);
  if (key === "hash") return copied;
  const end = Math.min(Number(down.reached), Number(up.reached) + longestGap);
  const one = prepareOrNothing(from, `${select} WHERE ${key} = ?`);
  for (let n = Number(up.reached) + 1; one && n < end; n++) {
    try {
      const row = one.get(n) as Row | undefined;
      if (row) take(row);
    } catch {
      // this one lies in the damaged part
    }
  }
  return copied;
}

/** Nothing when not even the list of tables can be read. */
function prepareOrNothing(db: Database.Database, sql: string): Database.Statement | undefined {
  try {
    return db.prepare(sql);
  } catch {
    return undefined;
  }
}

/** One row at a time, since an error takes with it whatever was read ahead; how far it came. */
function walk(
  db: Database.Database,
  sql: string,
  start: string | number,
  take: (row: Row) => void,
): { whole: boolean; reached: unknown } {
  let reached: unknown = start;
  try {
    const next = db.prepare(sql);
    for (;;) {
      const row = next.get(reached) as Row | undefined;
      if (!row) return { whole: true, reached };
      reached = row.key_;
      take(row);
    }
  } catch {
    return { whole: false, reached };
  }
}
