import { randomBytes } from "node:crypto";
import { closeSync, existsSync, openSync, readdirSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import Database from "libsql";
import type { Journal } from "./journal.ts";
import type { Owner } from "./runner.ts";

/**
 * Ownership of executions is a lock that the operating system drops when the process dies: an exclusive SQLite
 * transaction, held for as long as the process runs, on a small file beside the journal.
 */
export class Ownership {
  readonly id: string;
  private readonly journal: Journal;
  private readonly lock: Database.Database;

  constructor(journal: Journal, now: number) {
    this.journal = journal;
    this.id = `${process.pid}-${randomBytes(4).toString("hex")}`;
    const file = lockFile(journal.file, this.id);
    closeSync(openSync(file, "wx", 0o600));
    this.lock = new Database(file, { timeout: 0 });
    this.lock.exec("BEGIN EXCLUSIVE");
    journal.transact(() =>
      journal.prepare("INSERT INTO owners VALUES (?, ?, ?, ?)").run(this.id, process.pid, hostname(), now),
    );
  }

  /** After this, anybody may take over what was owned. */
  release(): void {
    try {
      this.journal.transact(() => this.journal.prepare("DELETE FROM owners WHERE id = ?").run(this.id));
    } catch {
      // the row stays: without its lock it counts as dead
    } finally {
      this.lock.close();
      rmSync(lockFile(this.journal.file, this.id), { force: true });
    }
  }
}

/** Every process that has the journal open for running, dead ones too until somebody takes over from them. */
export function listOwners(journal: Journal, self: string | undefined): Owner[] {
  const rows = journal.prepare("SELECT * FROM owners ORDER BY started_at, id").all() as OwnerRow[];
  return rows.map((row) => ({
    id: row.id,
    pid: row.pid,
    host: row.host,
    startedAt: row.started_at,
    alive: row.id === self || holdsLock(lockFile(journal.file, row.id)),
    self: row.id === self,
  }));
}

/**
 * Gives `owner` every running execution whose owner is dead or gone, and forgets the dead; the executions' numbers. Two
 * processes that try at once get different ones.
 */
export function takeOver(journal: Journal, owner: string): number[] {
  const dead = listOwners(journal, owner).filter((o) => !o.alive);
  const taken = journal.transact(() => {
    for (const { id } of dead) journal.prepare("DELETE FROM owners WHERE id = ?").run(id);
    const orphaned = "status = 'running' AND (owner IS NULL OR owner NOT IN (SELECT id FROM owners))";
    const numbers = journal.numbers(`SELECT n FROM executions WHERE ${orphaned}`);
    journal.prepare(`UPDATE executions SET owner = ? WHERE ${orphaned}`).run(owner);
    return numbers;
  });
  for (const { id } of dead) removeLock(lockFile(journal.file, id));
  return taken;
}

/** Whether any process holds the journal for running, told from the lock files alone: the journal is not opened. */
export function anyLiveOwner(journalFile: string): boolean {
  const prefix = `${basename(journalFile)}-owner-`;
  const folder = dirname(journalFile);
  return readdirSync(folder).some(
    (name) => name.startsWith(prefix) && name.endsWith(".lock") && holdsLock(join(folder, name)),
  );
}

interface OwnerRow {
  id: string;
  pid: number;
  host: string;
  started_at: number;
}

function lockFile(journalFile: string, id: string): string {
  return `${journalFile}-owner-${id}.lock`;
}

function holdsLock(file: string): boolean {
  if (!existsSync(file)) return false;
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { timeout: 0 });
    db.exec("BEGIN EXCLUSIVE");
    return false;
  } catch (error) {
    return String((error as { code?: unknown }).code).startsWith("SQLITE_BUSY");
  } finally {
    db?.close();
  }
}

function removeLock(file: string): void {
  for (const name of [file, `${file}-journal`]) rmSync(name, { force: true });
}
