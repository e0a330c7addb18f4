import type Database from "libsql";
import type { EventRow, ExecutionRow, TakeoverRow } from "./journal-rows.ts";

/** What can be asked of the journal; the answers are immediate, and hold what is committed. */
export class JournalReader {
  readonly db: Database.Database;
  private readonly statements = new Map<string, Database.Statement>();

  constructor(db: Database.Database) {
    this.db = db;
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

  /** A list of execution numbers, `sql` being a SELECT of them; as one text, since 10,000 row objects cost 20 ms. */
  numbers(sql: string, ...values: (string | number)[]): number[] {
    const row = this.prepare(`SELECT json_group_array(n) AS list FROM (${sql})`).get(values);
    return JSON.parse((row as { list: string }).list);
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

  /** Which of its events were the first after another process had taken the execution over. */
  takeovers(n: number): TakeoverRow[] {
    return this.prepare("SELECT * FROM takeovers WHERE n = ?").all(n) as TakeoverRow[];
  }

  definitionJson(hash: string): string | undefined {
    const row = this.prepare("SELECT json FROM definitions WHERE hash = ?").get(hash) as
      | { json: string }
      | undefined;
    return row?.json;
  }

  /** Changes whenever another connection has written; costs microseconds. */
  dataVersion(): number {
    return (this.prepare("PRAGMA data_version").get() as { data_version: number }).data_version;
  }

  protected forgetStatements(): void {
    this.statements.clear();
  }
}
