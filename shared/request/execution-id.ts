import { createHash } from "node:crypto";

/** The execution that a request becomes: the first 32 hex digits of its id's SHA-256, on every engine. */
export function executionId(requestId: string): string {
  return createHash("sha256").update(requestId).digest("hex").slice(0, 32);
}
