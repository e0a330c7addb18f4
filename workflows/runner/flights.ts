import type { Clock } from "./clock.ts";
import type { Command } from "./flow-state.ts";
import type { Invoke } from "./runner.ts";

export type InvokeCommand = Extract<Command, { type: "invoke" }>;

export type FlightResult =
  | { type: "result"; action: number; output: unknown }
  | { type: "failed"; action: number; code: string; message: string; timedOut?: boolean };

interface Flight {
  executionId: string;
  command: InvokeCommand;
  /** Made when somebody asks for the signal: most functions of a short flow never do. */
  controller?: AbortController;
  aborted?: Error;
  /** ms since 1970 */
  deadline: number;
  done: (result: FlightResult) => void;
  landed: boolean;
}

/** The functions in flight, in the order of their start, which is that of their deadlines. */
export class Flights {
  private readonly invoke: Invoke;
  private readonly clock: Clock;
  private readonly timeoutMs: number;
  private readonly flights = new Set<Flight>();
  /** How many have been started so far. */
  started = 0;

  constructor(invoke: Invoke, clock: Clock, timeoutMs: number) {
    this.invoke = invoke;
    this.clock = clock;
    this.timeoutMs = timeoutMs;
  }

  get size(): number {
    return this.flights.size;
  }

  /** When the first of them has taken too long, ms since 1970. */
  get nextDeadline(): number {
    for (const flight of this.flights) return flight.deadline;
    return Number.POSITIVE_INFINITY;
  }

  /** Calls the function; `done` is called once, and never after `abort`. */
  start(executionId: string, command: InvokeCommand, done: (result: FlightResult) => void): void {
    const deadline = this.clock.now() + this.timeoutMs;
    const flight: Flight = { executionId, command, deadline, done, landed: false };
    this.flights.add(flight);
    this.started += 1;
    const { stateId, attempt, action } = command;
    const context = {
      get signal() {
        return signalOf(flight);
      },
      executionId,
      stateId,
      attempt,
      action,
    };
    let called: Promise<unknown>;
    try {
      called = Promise.resolve(this.invoke(command.function, command.input, context));
    } catch (error) {
      called = Promise.reject(error);
    }
    called.then(
      (output) => this.land(flight, readOutput(command, output)),
      (error) => this.land(flight, { type: "failed", action, ...describe(error) }),
    );
  }

  /** Ends those that have taken too long as failed. */
  expire(now: number): void {
    for (const flight of this.flights) {
      if (flight.deadline > now) return;
      const { action, function: name } = flight.command;
      const message = `The function "${name}" did not answer within ${this.timeoutMs / 1_000} s.`;
      this.land(flight, { type: "failed", action, code: "FunctionTimedOut", message, timedOut: true });
      abort(flight, new Error(message));
    }
  }

  /** The execution wants no results any more. */
  abort(executionId: string, reason: string): void {
    for (const flight of this.flights) {
      if (flight.executionId !== executionId) continue;
      flight.landed = true;
      this.flights.delete(flight);
      abort(flight, new Error(reason));
    }
  }

  /** Sends everybody the signal, but still takes what they return. */
  signalAll(reason: string): void {
    for (const flight of this.flights) abort(flight, new Error(reason));
  }

  shiftDeadlines(ms: number): void {
    for (const flight of this.flights) flight.deadline -= ms;
  }

  private land(flight: Flight, result: FlightResult): void {
    if (flight.landed) return;
    flight.landed = true;
    this.flights.delete(flight);
    flight.done(result);
  }
}

function signalOf(flight: Flight): AbortSignal {
  if (!flight.controller) {
    flight.controller = new AbortController();
    if (flight.aborted) flight.controller.abort(flight.aborted);
  }
  return flight.controller.signal;
}

function abort(flight: Flight, reason: Error): void {
  flight.aborted = reason;
  flight.controller?.abort(reason);
}

/** What the journal would give back after a restart, so that a restart changes nothing. */
function readOutput(command: InvokeCommand, output: unknown): FlightResult {
  const { action, function: name } = command;
  try {
    const text = JSON.stringify(output);
    if (text !== undefined) return { type: "result", action, output: JSON.parse(text) };
  } catch {
    // circular, or holds a BigInt
  }
  const message = `The function "${name}" returned ${output === undefined ? "nothing" : "what is not JSON"}: a flow needs a JSON value.`;
  return { type: "failed", action, code: "ResultNotJson", message };
}

function describe(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: "FunctionThrew", message: String(error) };
  const { code } = error as { code?: unknown };
  return { code: typeof code === "string" && code !== "" ? code : "FunctionThrew", message: error.message };
}
