import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "libsql";
import type { FlowDefinition } from "../../../workflows/definition.ts";
import { createRunner, type Runner } from "../../../workflows/runner/runner.ts";

export interface Row {
  what: string;
  perSecond?: number;
  p50Ms?: number;
  p99Ms?: number;
  MiB?: number;
}

/**
 * The local engine beside its floor: bare group commits of as many records in the same SQLite, on the same disk, in the
 * same process. Six states with functions that return at once, so what is measured is the engine. Medians of three
 * rounds. The folder must lie on a disk: set `MESHFLOW_BENCH_DIR` where the temporary folder is in memory.
 */
export async function benchEngine(): Promise<Row[]> {
  const base = process.env.MESHFLOW_BENCH_DIR ?? (existsSync("/var/tmp") ? "/var/tmp" : tmpdir());
  const folder = mkdtempSync(join(base, "meshflow-bench-"));
  const runner = createRunner({ journal: join(folder, "engine.db"), invoke: async (_, input) => input });
  const floor = openFloor(join(folder, "floor.db"));
  try {
    let key = 0;
    const execution = (definition: FlowDefinition) => async () => {
      const handle = await runner.start({ definition, input: { request: key }, key: `bench-${key++}` });
      await handle.result();
    };
    await oneByOne(50, execution(six));
    await oneByOne(50, floor.execution);
    const rounds: Record<"floorOne" | "one" | "fortySix" | "floorMany" | "many", Measured>[] = [];
    for (let i = 0; i < 3; i++) {
      rounds.push({
        floorOne: await oneByOne(200, floor.execution),
        one: await oneByOne(200, execution(six)),
        fortySix: await oneByOne(40, execution(chain(46))),
        floorMany: await sideBySide(2_000, 50, floor.execution),
        many: await sideBySide(2_000, 50, execution(six)),
      });
    }
    const of = (name: keyof (typeof rounds)[0]) => median(rounds.map((round) => round[name]));
    const perState = (of("fortySix").p50Ms - of("one").p50Ms) / 40;
    const memory = await sleepers(runner);
    return [
      { what: "engine, one execution after another", ...rounded(of("one")) },
      { what: "engine, 50 executions in flight", ...rounded(of("many")) },
      { what: "engine, added by each state", p50Ms: round(perState, 3) },
      { what: "floor: bare SQLite group commits, one after another", ...rounded(of("floorOne")) },
      { what: "floor: bare SQLite group commits, 50 in flight", ...rounded(of("floorMany")) },
      { what: "heap held by 10,000 sleeping executions", MiB: round(memory, 1) },
      { what: "resident memory of the whole process", MiB: round(process.memoryUsage.rss() / 2 ** 20, 0) },
    ];
  } finally {
    await runner.close();
    floor.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Measured {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

const end = {
  id: "done",
  name: "done",
  type: "End" as const,
  end: true as const,
  transition: "" as const,
  actions: [],
};

function chain(states: number): FlowDefinition {
  return {
    name: `chain-${states}`,
    start: "s0",
    functions: [{ name: "echo", operation: "echo" }],
    constants: {},
    retries: [],
    states: [
      ...Array.from({ length: states }, (_, i) => ({
        id: `s${i}`,
        name: `s${i}`,
        type: "Operation" as const,
        end: false,
        transition: i + 1 < states ? `s${i + 1}` : "done",
        actions: [{ function_ref: { ref_name: "echo", arguments: { request: "$.request" } } }],
      })),
      end,
    ],
  };
}

const six = chain(6);

/** Heap that stays in use for 10,000 executions asleep for an hour, MiB. */
async function sleepers(runner: Runner): Promise<number> {
  const definition: FlowDefinition = {
    ...chain(1),
    name: "nap",
    start: "nap",
    states: [
      { id: "nap", name: "nap", type: "Sleep", end: false, transition: "done", duration: 3_600, actions: [] },
      end,
    ],
  };
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 10_000; i += 500) {
    await Promise.all(
      Array.from({ length: 500 }, (_, j) => runner.start({ definition, input: {}, key: `nap-${i + j}` })),
    );
  }
  globalThis.gc?.();
  return Math.max(0, process.memoryUsage().heapUsed - before) / 2 ** 20;
}

/** Seven records per execution, as many transactions as the engine needs, nothing else. */
function openFloor(file: string) {
  const db = new Database(file);
  db.prepare("PRAGMA journal_mode = WAL").get();
  db.exec("PRAGMA synchronous = FULL");
  db.exec("CREATE TABLE events (n INTEGER PRIMARY KEY, execution TEXT, type TEXT, data TEXT)");
  db.exec("CREATE INDEX events_of ON events (execution)");
  const insert = db.prepare("INSERT INTO events (execution, type, data) VALUES (?, ?, ?)");
  let queue: { values: string[]; resolve: () => void }[] = [];
  const flush = () => {
    const batch = queue;
    queue = [];
    db.exec("BEGIN IMMEDIATE");
    for (const { values } of batch) insert.run(...values);
    db.exec("COMMIT");
    for (const { resolve } of batch) resolve();
  };
  const record = (...values: string[]) =>
    new Promise<void>((resolve) => {
      if (queue.push({ values, resolve }) === 1) setImmediate(flush);
    });
  let key = 0;
  const execution = async () => {
    const id = `floor-${key++}`;
    for (const type of ["start", "s0", "s1", "s2", "s3", "s4", "s5"]) await record(id, type, '{"request":1}');
  };
  return { execution, close: () => db.close() };
}

async function oneByOne(count: number, run: () => Promise<void>): Promise<Measured> {
  return sideBySide(count, 1, run);
}

async function sideBySide(count: number, width: number, run: () => Promise<void>): Promise<Measured> {
  const latencies: number[] = [];
  let left = count;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (left-- > 0) {
        const start = performance.now();
        await run();
        latencies.push(performance.now() - start);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1_000;
  latencies.sort((a, b) => a - b);
  const at = (part: number) => latencies[Math.floor(part * (latencies.length - 1))] ?? 0;
  return { perSecond: count / seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
}

function median(rounds: Measured[]): Measured {
  const middle = (name: keyof Measured) => rounds.map((r) => r[name]).sort((a, b) => a - b)[1] ?? 0;
  return { perSecond: middle("perSecond"), p50Ms: middle("p50Ms"), p99Ms: middle("p99Ms") };
}

function rounded({ perSecond, p50Ms, p99Ms }: Measured): Partial<Row> {
  return { perSecond: Math.round(perSecond), p50Ms: round(p50Ms, 2), p99Ms: round(p99Ms, 2) };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
