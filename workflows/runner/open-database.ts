import { closeSync, existsSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import Database from "libsql";
import { prepareSchema } from "./journal-schema.ts";

/** Up to this size a journal is read as a whole when it is opened. */
const smallBytes = 1_000_000;

/** With its parents, for this user only. Step by step: Node's own `recursive` never returns under /proc. */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/**
 * The journal's file, created (mode 0600) when there is none, every commit on disk before it counts. `thorough` reads
 * all of it. Throws SQLite's own error where it is damaged.
 */
export function openDatabase(path: string, thorough = false): Database.Database {
  if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
  const db = new Database(path, { timeout: 10_000 });
  try {
    db.prepare("PRAGMA busy_timeout = 10000").get();
    db.prepare("PRAGMA journal_mode = WAL").get();
    db.exec("PRAGMA synchronous = FULL");
    prepareSchema(db, path);
    checkPages(db, thorough || statSync(path).size <= smallBytes);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Damage shows when its page is read. A small journal is read as a whole; of a big one only what starting needs,
 * unless an earlier run met damage or the log has lost something.
 */
function checkPages(db: Database.Database, thorough: boolean): void {
  db.prepare("SELECT count(*) FROM executions INDEXED BY executions_running WHERE status = 'running'").get();
  db.prepare("SELECT (SELECT max(n) FROM executions), (SELECT max(rowid) FROM events)").get();
  const suspect = db.prepare("SELECT 1 FROM meta WHERE name = 'suspect'").get() !== undefined;
  if (!thorough && !suspect) return;
  const found = db.prepare("PRAGMA quick_check(1)").all() as Record<string, unknown>[];
  const verdict = String(Object.values(found[0] ?? {})[0]);
  if (verdict !== "ok") throw Object.assign(new Error(verdict), { code: "SQLITE_CORRUPT" });
  if (suspect) db.exec("DELETE FROM meta WHERE name = 'suspect'");
}
