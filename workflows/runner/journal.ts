import { closeSync, existsSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import Database from "libsql";
import { executionChecksum } from "./checksum.ts";
import { type CommitHooks, CommitQueue, type CommitRecord } from "./commit-queue.ts";
import { JournalError } from "./errors.ts";
import { EventWriter } from "./event-writer.ts";
import type { StepRecord } from "./flow-state.ts";
import type { Append, EventRow, ExecutionRow, NewExecution } from "./journal-rows.ts";
import { prepareSchema } from "./journal-schema.ts";
import { anyLiveOwner } from "./ownership.ts";
import { copyReadable, isCorruption, moveAside } from "./salvage.ts";
import { scanWal } from "./wal-scan.ts";

/** What was found wrong when the journal was opened; no `lost`, no `salvaged`, nothing `damaged` = all is well. */
export interface JournalReport {
  /** The end of the write-ahead log that holds no whole transaction, and was dropped. */
  lost?: { bytes: number; frames: number; detail: string };
  /** The file was not readable as a whole: where it was moved to, and how many rows were saved. */
  salvaged?: { movedTo: string; executions: number; events: number; detail: string };
  /** Executions whose record is damaged, as they are found. */
  damaged: { executionId: string; detail: string }[];
}

export interface JournalOptions extends CommitHooks {
  /** Wall-clock time for the name of a damaged file that is moved aside. */
  now?: () => number;
}

/**
 * Opens the journal, and creates it (mode 0600) when there is none. What a crash or a bad disk took away is told in
 * `report`; a file that cannot be read as a whole is moved aside and its readable rows go into a fresh one.
 * @throws JournalError when it is newer than this program, or damaged while another process uses it
 */
export function openJournal(file: string, options: JournalOptions = {}): Journal {
  const path = resolve(file);
  makeFolder(dirname(path));
  const report: JournalReport = { damaged: [] };
  const shared = (openHere.get(path) ?? 0) > 0 || anyLiveOwner(path);
  const lost = shared || !existsSync(path) ? undefined : scanWal(path);
  if (lost) report.lost = lost;
  let db: Database.Database;
  try {
    db = openDatabase(path, lost !== undefined);
  } catch (error) {
    if (!isCorruption(error)) throw error;
    if (shared) {
      throw new JournalError(
        `The journal ${path} is damaged, and another process uses it: stop that one first.`,
        {
          cause: error,
        },
      );
    }
    const movedTo = moveAside(path, (options.now ?? Date.now)());
    db = openDatabase(path);
    report.salvaged = { movedTo, ...salvage(movedTo, db), detail: (error as Error).message };
  }
  openHere.set(path, (openHere.get(path) ?? 0) + 1);
  return new Journal(path, db, options, report);
}

/** Step by step: Node's own `recursive` never returns where no folder can be made, as under /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

const smallBytes = 1_000_000;

/** Journals open in this process: reading their files beside SQLite would drop its locks. */
const openHere = new Map<string, number>();

function openDatabase(path: string, thorough = false): Database.Database {
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

function salvage(movedTo: string, into: Database.Database): { executions: number; events: number } {
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

/** The executions on disk. Reads are immediate; writes are grouped and resolve once they are on disk. */
export class Journal {
  readonly file: string;
  readonly report: JournalReport;
  readonly db: Database.Database;
  private readonly queue: CommitQueue;
  private readonly eventWriter: EventWriter;
  private readonly storedDefinitions = new Set<string>();
  private readonly statements = new Map<string, Database.Statement>();

  constructor(file: string, db: Database.Database, hooks: CommitHooks, report: JournalReport) {
    this.file = file;
    this.db = db;
    this.report = report;
    this.eventWriter = new EventWriter(db);
    this.queue = new CommitQueue(db, hooks, this.eventWriter);
  }

  /** The execution's number, or undefined when its key or id exists already. */
  insert(e: NewExecution): Promise<number | undefined> {
    const state = JSON.stringify(e.state);
    const seq = e.records.length;
    const { status } = e.state;
    const crc = executionChecksum({
      id: e.id,
      key: e.key,
      definition: e.definitionHash,
      seq,
      status,
      state,
    });
    const stored = this.queue.add(this.describe(e.id, 0, e.records), () => {
      if (!this.storedDefinitions.has(e.definitionHash)) {
        this.prepare("INSERT OR IGNORE INTO definitions VALUES (?, ?)").run(
          e.definitionHash,
          e.definitionJson,
        );
      }
      const { changes, lastInsertRowid } = this.prepare(
        `INSERT INTO executions (id, key, flow, definition, seq, status, state, owner, wake_at, timeout_at,
           created_at, updated_at, ended_at, crc) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING`,
      ).run(
        e.id,
        e.key,
        e.flow,
        e.definitionHash,
        seq,
        status,
        state,
        e.owner,
        e.state.wakeAt ?? null,
        e.timeoutAt ?? null,
        e.at,
        e.at,
        status === "running" ? null : e.at,
        crc,
      );
      if (changes === 0) return undefined;
      const n = Number(lastInsertRowid);
      this.eventWriter.add(n, 0, e.records, e.at);
      return n;
    });
    return stored.then((n) => {
      this.storedDefinitions.add(e.definitionHash);
      return n;
    });
  }

  /** The records and the snapshot after them, in one transaction; false when somebody else was there first. */
  append(a: Append): Promise<boolean> {
    const state = JSON.stringify(a.state);
    const seq = a.after + a.records.length;
    const { status } = a.state;
    const crc = executionChecksum({
      id: a.id,
      key: a.key,
      definition: a.definitionHash,
      seq,
      status,
      state,
    });
    return this.queue.add(this.describe(a.id, a.after, a.records), () => {
      if (this.update(a, seq, state, crc) === 0) return false;
      this.eventWriter.add(a.n, a.after, a.records, a.at);
      return true;
    });
  }

  private update(a: Append, seq: number, state: string, crc: number): number {
    const { status } = a.state;
    if (a.revive) {
      return this.prepare(
        `UPDATE executions SET seq = ?, state = ?, updated_at = ?, crc = ?, status = ?, wake_at = ?, ended_at = ?,
           owner = ?, timeout_at = ? WHERE n = ? AND seq = ? AND status IN ('fail', 'timeout', 'cancel')`,
      ).run(
        seq,
        state,
        a.at,
        crc,
        status,
        a.state.wakeAt ?? null,
        status === "running" ? null : a.at,
        a.revive.owner,
        a.revive.timeoutAt,
        a.n,
        a.after,
      ).changes;
    }
    const owner = a.owner ?? null;
    if (status === "running" && !a.hadWake && a.state.wakeAt === undefined) {
      // the common case names no indexed column, so that no index is touched
      return this.prepare(
        `UPDATE executions SET seq = ?, state = ?, updated_at = ?, crc = ?
           WHERE n = ? AND seq = ? AND status = 'running' AND owner IS coalesce(?, owner)`,
      ).run([seq, state, a.at, crc, a.n, a.after, owner]).changes;
    }
    return this.prepare(
      `UPDATE executions SET seq = ?, state = ?, updated_at = ?, crc = ?, status = ?, wake_at = ?, ended_at = ?
         WHERE n = ? AND seq = ? AND status = 'running' AND owner IS coalesce(?, owner)`,
    ).run(
      seq,
      state,
      a.at,
      crc,
      status,
      a.state.wakeAt ?? null,
      status === "running" ? null : a.at,
      a.n,
      a.after,
      owner,
    ).changes;
  }

  private describe(executionId: string, after: number, records: StepRecord[]): CommitRecord[] {
    return records.map(({ type, stateId }, i) => ({ executionId, seq: after + i + 1, type, stateId }));
  }

  byNumber(n: number): ExecutionRow | undefined {
    return this.prepare("SELECT * FROM executions WHERE n = ?").get(n) as ExecutionRow | undefined;
  }

  byId(id: string): ExecutionRow | undefined {
    return this.prepare("SELECT * FROM executions WHERE id = ?").get(id) as ExecutionRow | undefined;
  }

  byKey(key: string): ExecutionRow | undefined {
    return this.prepare("SELECT * FROM executions WHERE key = ?").get(key) as ExecutionRow | undefined;
  }

  /** The id of an execution whose row cannot be read, from the index of ids if that can. */
  idOf(n: number): string {
    try {
      const row = this.prepare(
        "SELECT id FROM executions INDEXED BY sqlite_autoindex_executions_1 WHERE n = ?",
      ).get(n) as { id: string } | undefined;
      return row?.id ?? `number ${n}`;
    } catch {
      return `number ${n}`;
    }
  }

  statusOf(n: number): { status: string; owner: string | null } | undefined {
    return this.prepare("SELECT status, owner FROM executions WHERE n = ?").get(n) as
      | { status: string; owner: string | null }
      | undefined;
  }

  /** Newest first. */
  list(filter: { statuses?: readonly string[]; flow?: string; limit: number }): ExecutionRow[] {
    const statuses = filter.statuses ? JSON.stringify(filter.statuses) : null;
    return this.prepare(
      `SELECT * FROM executions WHERE (?1 IS NULL OR status IN (SELECT value FROM json_each(?1)))
         AND (?2 IS NULL OR flow = ?2) ORDER BY n DESC LIMIT ?3`,
    ).all(statuses, filter.flow ?? null, filter.limit) as ExecutionRow[];
  }

  events(n: number): EventRow[] {
    return this.prepare("SELECT * FROM events WHERE n = ? ORDER BY seq").all(n) as EventRow[];
  }

  event(n: number, seq: number): EventRow | undefined {
    return this.prepare("SELECT * FROM events WHERE n = ? AND seq = ?").get(n, seq) as EventRow | undefined;
  }

  definitionJson(hash: string): string | undefined {
    const row = this.prepare("SELECT json FROM definitions WHERE hash = ?").get(hash) as
      | { json: string }
      | undefined;
    return row?.json;
  }

  /** Notes that an execution's record cannot be used: it is shown as damaged and nobody runs it. */
  markDamaged(executionId: string, n: number, detail: string): void {
    if (!this.report.damaged.some((d) => d.executionId === executionId))
      this.report.damaged.push({ executionId, detail });
    try {
      this.transact(() =>
        this.prepare("UPDATE executions SET status = 'damaged', wake_at = NULL WHERE n = ?").run(n),
      );
    } catch {
      // the row cannot even be written: it stays in the report
    }
  }

  /** A page could not be read: the next program that opens the journal looks at all of them. */
  markSuspect(): void {
    try {
      this.transact(() => this.prepare("INSERT OR REPLACE INTO meta VALUES ('suspect', '1')").run());
    } catch {
      // so damaged that not even this can be written: opening it will tell
    }
  }

  /** Changes whenever another connection has written; costs microseconds. */
  dataVersion(): number {
    return (this.prepare("PRAGMA data_version").get() as { data_version: number }).data_version;
  }

  /** A short transaction of its own, outside the group. */
  transact<T>(work: () => T): T {
    this.queue.flush();
    this.db.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.db.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.db.inTransaction) this.db.exec("ROLLBACK");
      throw error;
    }
  }

  /** Prepared once per text. */
  prepare(sql: string): Database.Statement {
    let statement = this.statements.get(sql);
    if (!statement) {
      statement = this.db.prepare(sql);
      this.statements.set(sql, statement);
    }
    return statement;
  }

  close(): void {
    if (!this.db.open) return;
    this.queue.flush();
    this.statements.clear();
    try {
      // all in one file for whoever copies it; others who use it just now are not waited for
      this.db.prepare("PRAGMA busy_timeout = 0").get();
      this.db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
    } catch {
      // the log stays, and is read by whoever opens the journal next
    }
    this.db.close();
    openHere.set(this.file, (openHere.get(this.file) ?? 1) - 1);
  }
}
