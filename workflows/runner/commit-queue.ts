import type Database from "libsql";

/** What a commit writes, as the hooks of the kill tests see it. */
export interface CommitRecord {
  executionId: string;
  seq: number;
  type: string;
  stateId: string;
}

export interface CommitHooks {
  /** Called with everything of one transaction just before COMMIT (a process killed here loses all of it). */
  beforeCommit?: (records: CommitRecord[]) => void;
  /** Called when it is on disk, before anybody is told. */
  afterCommit?: (records: CommitRecord[]) => void;
}

interface Entry {
  records: CommitRecord[];
  apply: () => unknown;
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
}

/** What the entries of one transaction write together at its end. */
export interface Tail {
  write(): void;
  /** The transaction was rolled back. */
  drop(): void;
}

/** Group commit: what is queued in one turn of the event loop becomes one transaction, one fsync. */
export class CommitQueue {
  private readonly db: Database.Database;
  private readonly hooks: CommitHooks;
  private readonly tail: Tail;
  private readonly begin: Database.Statement;
  private readonly commit: Database.Statement;
  private entries: Entry[] = [];

  constructor(db: Database.Database, hooks: CommitHooks, tail: Tail) {
    this.db = db;
    this.tail = tail;
    this.hooks = hooks;
    this.begin = db.prepare("BEGIN IMMEDIATE");
    this.commit = db.prepare("COMMIT");
  }

  /** Resolves with what `apply` returned once the transaction is on disk; rejects when nothing of it is. */
  add<T>(records: CommitRecord[], apply: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.entries.push({ records, apply, resolve, reject }) === 1) setImmediate(() => this.flush());
    });
  }

  /** Commits what is queued now, without waiting for the end of the turn. */
  flush(): void {
    let entries = this.entries;
    this.entries = [];
    while (entries.length > 0) {
      const refused = this.commitAll(entries);
      entries = refused === undefined ? [] : entries.filter((entry) => entry !== refused);
    }
  }

  /** One transaction; the entry that could not be applied, if any, after everything was rolled back. */
  private commitAll(entries: Entry[]): Entry | undefined {
    const results: unknown[] = [];
    try {
      this.begin.run();
      for (const entry of entries) {
        try {
          results.push(entry.apply());
        } catch (error) {
          if (!/^SQLITE_CONSTRAINT/.test((error as { code?: string }).code ?? "")) throw error;
          this.rollback();
          entry.reject(error);
          return entry;
        }
      }
      this.tail.write();
      if (this.hooks.beforeCommit) this.hooks.beforeCommit(entries.flatMap((entry) => entry.records));
      this.commit.run();
    } catch (error) {
      this.rollback();
      for (const entry of entries) entry.reject(error);
      return undefined;
    }
    if (this.hooks.afterCommit) this.hooks.afterCommit(entries.flatMap((entry) => entry.records));
    for (const [i, entry] of entries.entries()) entry.resolve(results[i] as never);
    return undefined;
  }

  private rollback(): void {
    this.tail.drop();
    try {
      if (this.db.inTransaction) this.db.exec("ROLLBACK");
    } catch {
      // SQLite has rolled back by itself
    }
  }
}
