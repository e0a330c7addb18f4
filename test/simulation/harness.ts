import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMesh } from "../../functions/create-mesh/create-mesh.ts";
import { deleteMesh } from "../../functions/delete-mesh/delete-mesh.ts";
import { notify } from "../../functions/notify/notify.ts";
import { pollStatus } from "../../functions/poll-status/poll-status.ts";
import type { AsmClient } from "../../shared/asm/client.ts";
import type { Channel } from "../../shared/outbound/channel.ts";
import { executionId } from "../../shared/request/execution-id.ts";
import { parseMeshRequest } from "../../shared/request/mesh-request.ts";
import { type FlowDefinition, parseFlowDefinition } from "../../workflows/definition.ts";
import type { CommitRecord } from "../../workflows/runner/commit-queue.ts";
import { type Journal, openJournal } from "../../workflows/runner/journal.ts";
import {
  createRunner,
  type ExecutionSummary,
  type HistoryEvent,
  type InvokeContext,
  type Runner,
} from "../../workflows/runner/runner.ts";
import { flowFile } from "../workflows/sample-flows.ts";
import { createVirtualClock, type VirtualClock } from "./virtual-clock.ts";

export interface SimulationOptions {
  clock?: VirtualClock;
  asm: (clock: VirtualClock) => AsmClient;
  channels?: readonly Channel[];
  /** Instead of the project's own flow for the request's action. */
  definition?: FlowDefinition;
  random?: () => number;
}

/** One machine with one journal, on which processes live and die while time is made to pass. */
export interface Simulation {
  readonly clock: VirtualClock;
  /** Starts the request's flow under its id; `crashed` when the process died before it could say so. */
  start(request: {
    requestId: string;
    action: "create" | "delete";
    [key: string]: unknown;
  }): Promise<"started" | "crashed">;
  /** Lets time pass until the execution has ended, or the process dies. */
  runUntilEnd(): Promise<ExecutionSummary | "crashed">;
  advance(ms: number): Promise<void>;
  /**
   * The process will die just before or just after one of its next writes to the journal: the `where`th from now,
   * or the first one that holds the result of the state `where`.
   */
  crashAfter(where: number | string, side: "before" | "after"): void;
  /** The process dies now, whatever it is doing. */
  crash(): void;
  /** A new process opens the journal and takes over. */
  restart(): void;
  history(): HistoryEvent[];
  /** How many processes have died. */
  readonly deaths: number;
  close(): Promise<void>;
}

/** One process: once it is dead, nothing of it happens any more, wherever it stood. */
interface Process {
  dead: boolean;
  died: Promise<void>;
  die: () => void;
  journal: Journal;
  runner: Runner;
}

export function createSimulation(options: SimulationOptions): Simulation {
  const { clock = createVirtualClock(), channels = [], random = () => 0.5 } = options;
  const asm = options.asm(clock);
  const folder = mkdtempSync(join(tmpdir(), "meshflow-simulation-"));
  const file = join(folder, "journal.db");
  let doom: { dies: (records: CommitRecord[]) => boolean; side: "before" | "after" } | undefined;
  let id = "";
  const processes: Process[] = [];
  let living = boot();

  function boot(): Process {
    let die = () => {};
    const died = new Promise<void>((resolve) => {
      die = resolve;
    });
    const process = { dead: false, died, die } as Process;
    const alive = async <T>(work: Promise<T>): Promise<T> => {
      const result = await work.finally(() => (process.dead ? forever : undefined));
      return result;
    };
    const sleep = (ms: number, signal?: AbortSignal) =>
      process.dead ? forever : alive(clock.sleep(ms, signal));
    const ownAsm: AsmClient = {
      createMesh: (...given) => (process.dead ? forever : alive(asm.createMesh(...given))),
      getMesh: (...given) => (process.dead ? forever : alive(asm.getMesh(...given))),
      listMeshes: (...given) => (process.dead ? forever : alive(asm.listMeshes(...given))),
      deleteMesh: (...given) => (process.dead ? forever : alive(asm.deleteMesh(...given))),
    };
    const functions: Record<string, (input: unknown, context: InvokeContext) => Promise<unknown>> = {
      "create-mesh": (input, { signal }) =>
        createMesh(input, { asm: ownAsm, now: clock.now, sleep, random, signal }),
      "delete-mesh": (input, { signal }) => deleteMesh(input, { asm: ownAsm, now: clock.now, signal }),
      "poll-status": (input, { signal }) =>
        pollStatus(input, { asm: ownAsm, now: clock.now, sleep, random, signal }),
      notify: (input, { signal, executionId: runId }) =>
        notify(input, { channels, now: clock.now, signal, runId }),
    };
    process.journal = openJournal(file, {
      beforeCommit(records) {
        clock.touch();
        if (process.dead) throw new Error("This process is dead.");
        if (doom?.side !== "before" || !doom.dies(records)) return;
        kill(process);
        throw new Error("The process dies before this write.");
      },
      afterCommit(records) {
        clock.touch();
        if (!process.dead && doom?.side === "after" && doom.dies(records)) kill(process);
      },
    });
    // no machine loses power here, only processes die
    process.journal.db.exec("PRAGMA synchronous = OFF");
    process.runner = createRunner({
      journal: process.journal,
      clock: { now: clock.now, monotonic: clock.monotonic, sleep },
      watchMs: 0,
      closeGraceMs: 0,
      invoke(name, input, context) {
        clock.touch();
        return process.dead ? forever : alive(functions[name]!(input, context));
      },
    });
    processes.push(process);
    return process;
  }

  /** What a SIGKILL leaves: the journal as it is, and no lock. */
  function kill(process: Process): void {
    doom = undefined;
    process.dead = true;
    for (const owner of process.runner.owners().filter(({ self }) => self)) {
      rmSync(`${file}-owner-${owner.id}.lock`, { force: true });
    }
    process.die();
  }

  const crashed = () => living.died.then(() => "crashed" as const);

  return {
    clock,
    get deaths() {
      return processes.filter(({ dead }) => dead).length;
    },
    async start(given) {
      id = executionId(given.requestId);
      const request = parseMeshRequest(given, { now: clock.now });
      const definition =
        options.definition ??
        parseFlowDefinition(flowFile(`${given.action}-mesh`), `${given.action}-mesh.json`);
      const started = living.runner.start({
        definition,
        input: { request },
        key: given.requestId,
        executionId: id,
        ignoreDifferences: ["$.request.requestedAt", "$.request.deadline"],
      });
      const outcome = started.then(
        () => (living.dead ? forever : ("started" as const)),
        (error) => {
          if (living.dead) return forever;
          throw error;
        },
      );
      return clock.runUntil(Promise.race([outcome, crashed()]));
    },
    runUntilEnd() {
      const { runner } = living;
      const ended = runner.result(id).then((summary) => (living.dead ? forever : summary));
      return clock.runUntil(Promise.race([ended, crashed()]));
    },
    advance: (ms) => clock.advance(ms),
    crashAfter(where, side) {
      let left = where;
      const dies = (records: CommitRecord[]) => {
        if (typeof left === "number") {
          left -= 1;
          return left === 0;
        }
        return records.some(({ stateId, type }) => stateId === where && type !== "start");
      };
      doom = { dies, side };
    },
    crash: () => kill(living),
    restart() {
      if (!living.dead) throw new Error("The process is still alive: crash() it first.");
      living = boot();
    },
    history: () => living.runner.history(id),
    async close() {
      for (const process of processes) {
        process.dead = true;
        await process.runner.close();
        process.journal.close();
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a dead process waits for. */
const forever = new Promise<never>(() => {});
