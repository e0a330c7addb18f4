import { executionChecksum } from "./checksum.ts";
import type { EventWriter } from "./event-writer.ts";
import type { JournalReader } from "./journal-reader.ts";
import type { Append, NewExecution } from "./journal-rows.ts";

/**
 * Writes an execution's row and hands its events to the event writer. What is called comes in two halves: the first
 * prepares the text at once, the one that it returns runs inside the transaction.
 */
export class ExecutionWriter {
  private readonly journal: JournalReader;
  private readonly events: EventWriter;
  private readonly storedDefinitions = new Set<string>();

  constructor(journal: JournalReader, events: EventWriter) {
    this.journal = journal;
    this.events = events;
  }

  /** Gives the execution's number, or undefined when its key or id exists already. */
  insert(e: NewExecution): () => number | undefined {
    const { id, key, definitionHash: definition } = e;
    const { status } = e.state;
    const seq = e.records.length;
    const state = JSON.stringify(e.state);
    const crc = executionChecksum({ id, key, definition, seq, status, state });
    return () => {
      if (!this.storedDefinitions.has(e.definitionHash)) this.insertDefinition(e);
      const { changes, lastInsertRowid } = this.journal
        .prepare(
          `INSERT INTO executions (id, key, flow, definition, seq, status, state, owner, wake_at, timeout_at,
             created_at, updated_at, ended_at, crc) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING`,
        )
        .run([
          id,
          key,
          e.flow,
          definition,
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
        ]);
      if (changes === 0) return undefined;
      const n = Number(lastInsertRowid);
      this.events.add(n, 0, e.records, e.at);
      return n;
    };
  }

  /** The definition is on disk: it need not be written again. */
  definitionStored(hash: string): void {
    this.storedDefinitions.add(hash);
  }

  /** Gives false when somebody else was there first. */
  append(a: Append): () => boolean {
    const { id, key, definitionHash: definition } = a;
    const { status } = a.state;
    const seq = a.after + a.records.length;
    const state = JSON.stringify(a.state);
    const crc = executionChecksum({ id, key, definition, seq, status, state });
    return () => {
      if (this.update(a, seq, state, crc) === 0) return false;
      this.events.add(a.n, a.after, a.records, a.at);
      if (a.resumed) {
        const { at, pid } = a.resumed;
        this.journal.prepare("INSERT INTO takeovers VALUES (?, ?, ?, ?)").run([a.n, a.after + 1, at, pid]);
      }
      return true;
    };
  }

  private insertDefinition(e: NewExecution): void {
    const insert = this.journal.prepare("INSERT OR IGNORE INTO definitions VALUES (?, ?)");
    insert.run(e.definitionHash, e.definitionJson);
  }

  private update(a: Append, seq: number, state: string, crc: number): number {
    const { status, wakeAt = null } = a.state;
    const endedAt = status === "running" ? null : a.at;
    if (a.revive) {
      const { owner, timeoutAt } = a.revive;
      return this.journal
        .prepare(
          `UPDATE executions SET seq = ?, state = ?, updated_at = ?, crc = ?, status = ?, wake_at = ?, ended_at = ?,
             owner = ?, timeout_at = ? WHERE n = ? AND seq = ? AND status IN ('fail', 'timeout', 'cancel')`,
        )
        .run([seq, state, a.at, crc, status, wakeAt, endedAt, owner, timeoutAt, a.n, a.after]).changes;
    }
    const owner = a.owner ?? null;
    if (status === "running" && !a.hadWake && wakeAt === null) {
      // the common case names no indexed column, so that no index is touched
      return this.journal
        .prepare(
          `UPDATE executions SET seq = ?, state = ?, updated_at = ?, crc = ?
             WHERE n = ? AND seq = ? AND status = 'running' AND owner IS coalesce(?, owner)`,
        )
        .run([seq, state, a.at, crc, a.n, a.after, owner]).changes;
    }
    return this.journal
      .prepare(
        `UPDATE executions SET seq = ?, state = ?, updated_at = ?, crc = ?, status = ?, wake_at = ?, ended_at = ?
           WHERE n = ? AND seq = ? AND status = 'running' AND owner IS coalesce(?, owner)`,
      )
      .run([seq, state, a.at, crc, status, wakeAt, endedAt, a.n, a.after, owner]).changes;
  }
}
