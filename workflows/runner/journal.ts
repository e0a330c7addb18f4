import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type Database from "libsql";
import { type CommitHooks, CommitQueue, type CommitRecord } from "./commit-queue.ts";
import { JournalError } from "./errors.ts";
import { EventWriter } from "./event-writer.ts";
import { ExecutionWriter } from "./execution-writer.ts";
import type { StepRecord } from "./flow-state.ts";
import { JournalReader } from "./journal-reader.ts";
import type { Append, NewExecution } from "./journal-rows.ts";
import { makeFolder, openDatabase } from "./open-database.ts";
import { anyLiveOwner } from "./ownership.ts";
import { isCorruption, moveAside, salvage } from "./salvage.ts";
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
      const message = `The journal ${path} is damaged, and another process uses it: stop that one first.`;
      throw new JournalError(message, { cause: error });
    }
    const movedTo = moveAside(path, (options.now ?? Date.now)());
    db = openDatabase(path);
    report.salvaged = { movedTo, ...salvage(movedTo, db), detail: (error as Error).message };
  }
  openHere.set(path, (openHere.get(path) ?? 0) + 1);
  return new Journal(path, db, options, report);
}

/** Journals open in this process: reading their files beside SQLite would drop its locks. */
const openHere = new Map<string, number>();

/** The executions on disk. Reads are immediate; writes are grouped and resolve once they are on disk. */
export class Journal extends JournalReader {
  readonly file: string;
  readonly report: JournalReport;
  private readonly hooks: CommitHooks;
  private readonly queue: CommitQueue;
  private readonly executions: ExecutionWriter;

  constructor(file: string, db: Database.Database, hooks: CommitHooks, report: JournalReport) {
    super(db);
    this.file = file;
    this.report = report;
    this.hooks = hooks;
    const events = new EventWriter(db);
    this.executions = new ExecutionWriter(this, events);
    this.queue = new CommitQueue(db, hooks, events);
  }

  /** The execution's number, or undefined when its key or id exists already. */
  async insert(e: NewExecution): Promise<number | undefined> {
    const n = await this.queue.add(this.describe(e.id, 0, e.records), this.executions.insert(e));
    this.executions.definitionStored(e.definitionHash);
    return n;
  }

  /** The records and the snapshot after them, in one transaction; false when somebody else was there first. */
  append(a: Append): Promise<boolean> {
    return this.queue.add(this.describe(a.id, a.after, a.records), this.executions.append(a));
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

  close(): void {
    if (!this.db.open) return;
    this.queue.flush();
    this.forgetStatements();
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

  /** Only the hooks want to know. */
  private describe(executionId: string, after: number, records: StepRecord[]): CommitRecord[] {
    if (!this.hooks.beforeCommit && !this.hooks.afterCommit) return [];
    return records.map(({ type, stateId }, i) => ({ executionId, seq: after + i + 1, type, stateId }));
  }
}
