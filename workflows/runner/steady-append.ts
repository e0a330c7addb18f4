import type { Announcer } from "./announcer.ts";
import type { Clock } from "./clock.ts";
import type { Journal } from "./journal.ts";
import type { Append } from "./journal-rows.ts";
import type { RunnerLogger } from "./runner.ts";
import { isCorruption } from "./salvage.ts";

interface Parts {
  journal: Journal;
  clock: Clock;
  announcer: Announcer;
  logger: RunnerLogger | undefined;
}

/**
 * Appends, again each second for as long as the disk is full or the journal locked and `goOn` holds: a result is never
 * dropped for that. False when somebody else has changed the execution; throws what stopped it once `goOn` fails.
 */
export async function steadyAppend(append: Append, goOn: () => boolean, parts: Parts): Promise<boolean> {
  const { journal, clock, announcer, logger } = parts;
  const { id: executionId } = append;
  for (;;) {
    try {
      return await journal.append(append);
    } catch (error) {
      const detail = (error as Error).message;
      logger?.error({ executionId, err: error }, `The journal cannot be written: ${detail}`);
      if (isCorruption(error)) journal.markSuspect();
      announcer.emit({ type: "journal-error", at: clock.now(), executionId, detail });
      if (!goOn()) throw error;
      await clock.sleep(1_000);
    }
  }
}
