import type { Announcer } from "./announcer.ts";
import type { Clock } from "./clock.ts";
import type { Flights } from "./flights.ts";
import type { Journal } from "./journal.ts";
import type { RunnerLogger } from "./runner.ts";
import { due, nextDue, shiftWakes } from "./wake-rows.ts";
import { WakeTimer } from "./wake-timer.ts";

interface Parts {
  journal: Journal;
  clock: Clock;
  flights: Flights;
  announcer: Announcer;
  logger: RunnerLogger | undefined;
  /** Whose rows are looked at, once there is an owner. */
  owner: () => string | undefined;
  /** A row or a call is due, or may be. */
  onDue: () => void;
}

/** One timer for whatever is due first: a row's wake time or deadline, or a call that takes too long. */
export class WakeSchedule {
  private readonly parts: Parts;
  private readonly timer: WakeTimer;
  /** The earliest wake time or deadline of a row, as far as known here. */
  private nextRow = Number.POSITIVE_INFINITY;
  private resting = false;
  private stopped = false;

  constructor(parts: Parts) {
    this.parts = parts;
    this.timer = new WakeTimer(
      parts.clock,
      () => parts.onDue(),
      (ms) => this.onJumpBack(ms),
    );
  }

  /** A row has a wake time or deadline at `at`, ms since 1970. */
  awaitRow(at: number): void {
    this.nextRow = Math.min(this.nextRow, at);
    this.timer.arm(at);
  }

  /** A call is in flight. */
  awaitCall(): void {
    this.timer.arm(this.parts.flights.nextDeadline);
  }

  /** Numbers of the executions whose rows are due. */
  dueRows(owner: string, now: number): number[] {
    return due(this.parts.journal, owner, now);
  }

  /** What was due is being done: waits for what comes next. */
  plan(owner: string, now: number): void {
    this.nextRow = nextDue(this.parts.journal, owner, now) ?? Number.POSITIVE_INFINITY;
    this.timer.arm(Math.min(this.parts.flights.nextDeadline, this.nextRow));
  }

  /** With nothing in flight for a while, no timer waits for a call that takes too long. */
  rest(): void {
    const { flights } = this.parts;
    if (this.resting || flights.size > 0) return;
    this.resting = true;
    const { started } = flights;
    setImmediate(() =>
      setImmediate(() => {
        this.resting = false;
        if (flights.size > 0 || this.stopped) return;
        if (flights.started === started) this.timer.set(this.nextRow);
        else this.rest();
      }),
    );
  }

  stop(): void {
    this.stopped = true;
    this.timer.stop();
  }

  private onJumpBack(ms: number): void {
    const { journal, clock, flights, announcer, logger } = this.parts;
    const owner = this.parts.owner();
    if (!owner) return;
    const now = clock.now();
    journal.transact(() => shiftWakes(journal, owner, ms, now));
    flights.shiftDeadlines(ms);
    this.nextRow -= ms;
    logger?.warn({ ms }, "The clock was set back; sleeps keep their length.");
    announcer.emit({ type: "clock-jump", at: now, detail: `back by ${ms} ms` });
  }
}
