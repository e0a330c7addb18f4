import type Database from "libsql";
import { eventChecksum } from "./checksum.ts";
import type { Tail } from "./commit-queue.ts";
import type { StepRecord } from "./flow-state.ts";

const columns = 9;
const batch = 16;

/** Collects a transaction's events and writes them sixteen at a time: a call into SQLite costs more than its row. */
export class EventWriter implements Tail {
  private readonly one: Database.Statement;
  private readonly many: Database.Statement;
  private values: unknown[] = [];

  constructor(db: Database.Database) {
    const row = `(${Array.from({ length: columns }, () => "?").join()})`;
    this.one = db.prepare(`INSERT INTO events VALUES ${row}`);
    this.many = db.prepare(`INSERT INTO events VALUES ${Array.from({ length: batch }, () => row).join()}`);
  }

  add(n: number, after: number, records: readonly StepRecord[], at: number): void {
    let seq = after;
    for (const record of records) {
      seq += 1;
      const { type, stateId, attempt } = record;
      const action = record.action ?? null;
      const data = record.data === undefined ? null : JSON.stringify(record.data);
      const crc = eventChecksum({ n, seq, at, type, stateId, attempt, action, data });
      this.values.push(n, seq, at, type, stateId, attempt, action, data, crc);
    }
  }

  write(): void {
    const { values } = this;
    this.values = [];
    let from = 0;
    for (; values.length - from >= columns * batch; from += columns * batch)
      this.many.run(values.slice(from, from + columns * batch));
    for (; from < values.length; from += columns) this.one.run(values.slice(from, from + columns));
  }

  drop(): void {
    this.values = [];
  }
}
