import type { Announcer } from "./announcer.ts";
import type { Clock } from "./clock.ts";
import type { ExecutionLoop } from "./execution-loop.ts";
import type { Journal } from "./journal.ts";
import type { ExecutionRow } from "./journal-rows.ts";
import { listOwners, Ownership, takeOver } from "./ownership.ts";
import type { Owner } from "./runner.ts";
import type { Waiters } from "./waiters.ts";
import { ready, unwindFuture } from "./wake-rows.ts";

interface Parts {
  journal: Journal;
  clock: Clock;
  loop: ExecutionLoop;
  waiters: Waiters;
  announcer: Announcer;
  /** Whether everything without a living owner is run, or only what somebody here asked for. */
  everything: boolean;
}

/** This process as an owner of executions, and what it takes over from owners that are dead or gone. */
export class Adoption {
  private readonly parts: Parts;
  /** Run by another process when they were started here once more: if that one dies, this runner goes on. */
  private readonly asked = new Set<string>();
  private ownership: Ownership | undefined;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** The id under which this process owns executions; it becomes an owner when it first needs one. */
  own(): string {
    const { journal, clock, loop } = this.parts;
    this.ownership ??= new Ownership(journal, clock.now());
    loop.owner = this.ownership.id;
    return this.ownership.id;
  }

  owners(): Owner[] {
    return listOwners(this.parts.journal, this.self);
  }

  get self(): string | undefined {
    return this.ownership?.id;
  }

  /** Everything without a living owner becomes this runner's and goes on; how many executions. */
  adopt(): number {
    const { journal, clock, loop, announcer } = this.parts;
    const owner = this.own();
    const taken = takeOver(journal, owner);
    const at = clock.now();
    if (taken.length > 0) {
      for (const n of taken) loop.takenOver.set(n, at);
      journal.transact(() => unwindFuture(journal, owner, at));
      announcer.emit({ type: "adopted", at, detail: `${taken.length} executions` });
    }
    loop.takeUp(taken.length > 0 ? ready(journal, owner) : []);
    return taken.length;
  }

  /** Who asks for an execution that nobody runs gets it run, whatever `adopt` says. */
  ask(row: ExecutionRow): void {
    this.asked.add(row.id);
    this.adoptOne(row);
  }

  /** An owner has come, gone or died. */
  onOwnersChange(): void {
    const { loop, waiters, journal } = this.parts;
    if (loop.state !== "open") return;
    if (this.parts.everything) this.adopt();
    else for (const { id, n } of waiters.all()) if (this.asked.has(id)) this.adoptOne(journal.byNumber(n));
  }

  /** After this, anybody may take over what was owned. */
  release(): void {
    this.ownership?.release();
    this.ownership = undefined;
  }

  private adoptOne(row: ExecutionRow | undefined): void {
    if (row?.status !== "running" || row.owner === this.self) return;
    const { journal, clock, loop } = this.parts;
    const self = this.own();
    if (this.owners().some((owner) => owner.id === row.owner && owner.alive)) return;
    const { changes } = journal.transact(() =>
      journal
        .prepare("UPDATE executions SET owner = ? WHERE n = ? AND owner IS ? AND status = 'running'")
        .run(self, row.n, row.owner),
    );
    if (changes === 0) return;
    loop.takenOver.set(row.n, clock.now());
    loop.takeUp([row.n]);
  }
}
