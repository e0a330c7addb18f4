import type { FlowDefinition } from "../definition.ts";
import { JournalError, UnknownExecutionError } from "./errors.ts";
import { readHistory, summarise } from "./execution-view.ts";
import type { FlowStore } from "./flow-store.ts";
import type { Journal } from "./journal.ts";
import type { ExecutionRow } from "./journal-rows.ts";
import type { ExecutionSummary, HistoryEvent, ListFilter, Owner } from "./runner.ts";
import { isCorruption } from "./salvage.ts";

interface Parts {
  journal: Journal;
  flows: FlowStore;
  owners: () => Owner[];
}

/** What users see of the executions, read from the journal each time. */
export class ExecutionQueries {
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  get(id: string): ExecutionSummary | undefined {
    return this.reading(() => {
      const row = this.parts.journal.byId(id);
      return row ? this.summary(row) : undefined;
    });
  }

  list(filter: ListFilter): ExecutionSummary[] {
    const { journal } = this.parts;
    const statuses = typeof filter.status === "string" ? [filter.status] : filter.status;
    const owners = new Map(this.parts.owners().map((owner) => [owner.id, owner]));
    const rows = () =>
      journal.list({
        ...(statuses ? { statuses } : {}),
        ...(filter.flow === undefined ? {} : { flow: filter.flow }),
        limit: filter.limit ?? 100,
      });
    return this.reading(() => rows().map((row) => summarise(journal, row, owners.get(row.owner ?? ""))));
  }

  history(id: string): HistoryEvent[] {
    return this.reading(() => {
      const row = this.parts.journal.byId(id);
      return row ? readHistory(this.parts.journal, row.n) : [];
    });
  }

  definition(id: string): FlowDefinition | undefined {
    const row = this.parts.journal.byId(id);
    return row ? this.parts.flows.load(row.definition) : undefined;
  }

  /** @throws UnknownExecutionError */
  row(id: string): ExecutionRow {
    const row = this.parts.journal.byId(id);
    if (!row) throw new UnknownExecutionError(id, this.parts.journal.file);
    return row;
  }

  summary(row: ExecutionRow): ExecutionSummary {
    const owner =
      row.status === "running"
        ? this.parts.owners().find((candidate) => candidate.id === row.owner)
        : undefined;
    return summarise(this.parts.journal, row, owner);
  }

  /** A page that cannot be read is looked at, with all others, when the journal is opened next. */
  private reading<T>(read: () => T): T {
    const { journal } = this.parts;
    try {
      return read();
    } catch (error) {
      if (!isCorruption(error)) throw error;
      journal.markSuspect();
      throw new JournalError(
        `A part of the journal ${journal.file} is damaged. Start again: what can be read is saved then.`,
        { cause: error },
      );
    }
  }
}
