import type Database from "libsql";
import { JournalError } from "./errors.ts";

/** Raised when the tables change; a journal of a newer program is refused. */
export const schemaVersion = 1;

/**
 * `executions.n` numbers executions in order of their start, so that what runs side by side shares pages; `owner`,
 * `wake_at` and `timeout_at` are the only columns that a query searches by. `events` is append-only.
 */
const tables = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE definitions (hash TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE executions (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, key TEXT NOT NULL UNIQUE, flow TEXT NOT NULL,
  definition TEXT NOT NULL, seq INTEGER NOT NULL, status TEXT NOT NULL, state TEXT NOT NULL, owner TEXT,
  wake_at INTEGER, timeout_at INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  ended_at INTEGER, crc INTEGER NOT NULL);
CREATE INDEX executions_running ON executions (owner) WHERE status = 'running';
CREATE INDEX executions_wake ON executions (owner, wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX executions_timeout ON executions (owner, timeout_at)
  WHERE status = 'running' AND timeout_at IS NOT NULL;
CREATE TABLE events (
  n INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, type TEXT NOT NULL, state_id TEXT NOT NULL,
  attempt INTEGER NOT NULL, action INTEGER, data TEXT, crc INTEGER NOT NULL);
CREATE UNIQUE INDEX events_of ON events (n, seq);
CREATE TABLE owners (
  id TEXT PRIMARY KEY, pid INTEGER NOT NULL, host TEXT NOT NULL, started_at INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES ('schema', '${schemaVersion}');
`;

/** Came later than version 1 and is nothing that a program of before would miss. */
const additions = `
CREATE TABLE IF NOT EXISTS takeovers (
  n INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, pid INTEGER NOT NULL, PRIMARY KEY (n, seq));
`;

/** Creates the tables that are not there; leaves current ones as they are. @throws JournalError for a newer one */
export function prepareSchema(db: Database.Database, file: string): void {
  if (readVersion(db) === undefined) {
    db.exec("BEGIN IMMEDIATE");
    try {
      if (readVersion(db) === undefined) db.exec(tables + additions);
      db.exec("COMMIT");
    } catch (error) {
      if (db.inTransaction) db.exec("ROLLBACK");
      throw error;
    }
  }
  const version = readVersion(db);
  if (version !== schemaVersion) {
    throw new JournalError(
      `The journal ${file} has schema version ${version}, this program knows version ${schemaVersion}. ` +
        "It was written by a newer version: use that one, or another journal file.",
    );
  }
  db.exec(additions);
}

function readVersion(db: Database.Database): number | undefined {
  const known = db.prepare("SELECT count(*) AS n FROM sqlite_master WHERE name = 'meta'").get() as {
    n: number;
  };
  if (known.n === 0) return undefined;
  const row = db.prepare("SELECT value FROM meta WHERE name = 'schema'").get() as
    | { value: string }
    | undefined;
  return row ? Number(row.value) : undefined;
}
