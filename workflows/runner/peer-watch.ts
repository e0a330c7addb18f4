import type { Journal } from "./journal.ts";
import { listOwners } from "./ownership.ts";

interface Reactions {
  /** The id of this process as an owner, if it is one. */
  self: () => string | undefined;
  /** Another process has written something. */
  onChange: () => void;
  /** An owner has come, gone or died. */
  onOwnersChange: () => void;
}

/**
 * Looks at what other processes do to the journal. A look costs microseconds while nobody else writes; only with a
 * foreign owner there are locks to test. Real time: a virtual clock knows nothing of other processes.
 */
export class PeerWatch {
  private readonly journal: Journal;
  private readonly everyMs: number;
  private readonly reactions: Reactions;
  private timer: NodeJS.Timeout | undefined;
  private version = 0;
  private owners = "";
  private foreign = false;
  private looks = 0;

  constructor(journal: Journal, everyMs: number, reactions: Reactions) {
    this.journal = journal;
    this.everyMs = everyMs;
    this.reactions = reactions;
  }

  start(): void {
    if (this.everyMs <= 0) return;
    this.version = this.journal.dataVersion();
    this.readOwners();
    this.timer = setInterval(() => this.look(), this.everyMs);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Keeps the process alive while somebody waits for what another process may do. */
  hold(on: boolean): void {
    if (on) this.timer?.ref();
    else this.timer?.unref();
  }

  private look(): void {
    try {
      const version = this.journal.dataVersion();
      const changed = version !== this.version;
      this.version = version;
      if (changed) this.reactions.onChange();
      // a death writes nothing: with others about, their locks are tested every second look
      this.looks += 1;
      if (changed || (this.foreign && this.looks % 2 === 0)) {
        if (this.readOwners()) this.reactions.onOwnersChange();
      }
    } catch {
      // the journal is busy for longer than its timeout: the next look comes soon
    }
  }

  private readOwners(): boolean {
    const owners = listOwners(this.journal, this.reactions.self());
    this.foreign = owners.some((owner) => !owner.self);
    const seen = owners.map((owner) => `${owner.id}${owner.alive ? "" : "!"}`).join();
    const changed = seen !== this.owners;
    this.owners = seen;
    return changed;
  }
}
