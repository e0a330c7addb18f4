/** What was found wrong when the journal was opened; empty arrays and no `lost` = nothing. */
export interface JournalReport {
  /** Bytes of the write-ahead log that hold no whole transaction, and were dropped. */
  lost?: { bytes: number; frames: number; detail: string };
  /** The file was not readable as a whole: where it was moved to, and how many rows were saved. */
  salvaged?: { movedTo: string; executions: number; events: number; detail: string };
  /** Executions whose record is damaged. */
  damaged: { executionId: string; detail: string }[];
}

export interface Journal {
  readonly file: string;
  readonly report: JournalReport;
  close(): void;
}

export function openJournal(_file: string): Journal {
  throw new Error("not implemented yet");
}
