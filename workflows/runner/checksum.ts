import { crc32 } from "node:zlib";

/** The part of an execution's row that must fit together; owner and times may change without a new record. */
export interface ExecutionContent {
  id: string;
  key: string;
  definition: string;
  seq: number;
  status: string;
  state: string;
}

export interface EventContent {
  n: number;
  seq: number;
  at: number;
  type: string;
  stateId: string;
  attempt: number;
  action: number | null;
  data: string | null;
}

export function executionChecksum(row: ExecutionContent): number {
  return crc32(`${row.id}\n${row.key}\n${row.definition}\n${row.seq}\n${row.status}\n${row.state}`);
}

export function eventChecksum(row: EventContent): number {
  const head = `${row.n}\n${row.seq}\n${row.at}\n${row.type}\n${row.stateId}\n${row.attempt}\n${row.action}\n`;
  return crc32(head + (row.data ?? ""));
}
