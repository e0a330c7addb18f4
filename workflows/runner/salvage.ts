import { existsSync, renameSync } from "node:fs";
import type Database from "libsql";

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

/** Copies every row that can be read from the damaged journal into the fresh one; how many of each. */
export function copyReadable(
  from: Database.Database,
  to: Database.Database,
): { executions: number; events: number } {
  to.exec("BEGIN IMMEDIATE");
  copyTable(from, to, "definitions", undefined);
  const executions = copyTable(from, to, "executions", "n");
  const events = copyTable(from, to, "events", "rowid");
  to.exec("COMMIT");
  return { executions, events };
}

/** A damaged page can name any number: no gap is searched further than this. */
const longestGap = 100_000;

type Row = Record<string, unknown>;

function copyTable(
  from: Database.Database,
  to: Database.Database,
  table: string,
  number: string | undefined,
): number {
  let copied = 0;
  const names = (to.prepare(`PRAGMA table_info(${table})`).all() as { name: string }[]).map((c) => c.name);
  const insert = to.prepare(
    `INSERT OR IGNORE INTO ${table} (${names.join()}) VALUES (${names.map(() => "?").join()})`,
  );
  const take = (row: Row) => {
    if (names.some((name) => row[name] === undefined)) return;
    copied += insert.run(...names.map((name) => row[name])).changes;
  };
  const columns = number === "rowid" ? `rowid AS rowid_, ${names.join()}` : names.join();
  if (!number) {
    readUntilBroken(from, `SELECT ${columns} FROM ${table}`, take);
    return copied;
  }
  // from both ends up to the damage, then one by one through it
  const key = number === "rowid" ? "rowid_" : number;
  let low = 0;
  let high = 0;
  const whole = readUntilBroken(
    from,
    `SELECT ${columns} FROM ${table} NOT INDEXED ORDER BY ${number}`,
    (row) => {
      low = Number(row[key]);
      take(row);
    },
  );
  if (whole) return copied;
  readUntilBroken(from, `SELECT ${columns} FROM ${table} NOT INDEXED ORDER BY ${number} DESC`, (row) => {
    high = Number(row[key]);
    take(row);
  });
  const one = prepareOrNothing(from, `SELECT ${columns} FROM ${table} NOT INDEXED WHERE ${number} = ?`);
  for (let n = low + 1; n < Math.min(high, low + longestGap); n++) {
    try {
      const row = one?.get(n) as Row | undefined;
      if (row) take(row);
    } catch {
      // this one lies in the damaged part
    }
  }
  return copied;
}

/** Whether it could be read to its end. */
function readUntilBroken(db: Database.Database, sql: string, take: (row: Row) => void): boolean {
  try {
    for (const row of db.prepare(sql).iterate()) take(row as Row);
    return true;
  } catch {
    return false;
  }
}

function prepareOrNothing(db: Database.Database, sql: string): Database.Statement | undefined {
  try {
    return db.prepare(sql);
  } catch {
    return undefined;
  }
}
