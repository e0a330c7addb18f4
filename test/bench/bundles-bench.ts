import { execFile } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

/**
 * One function's bundle beside the official SDK's core, which is its credentials and the client that calls; times and
 * memory are medians of fresh processes.
 */
export interface Row {
  name: string;
  /** In thousands of bytes. */
  zipKb: number;
  /** From `require` until the handler is there, in ms. */
  loadMs: number;
  officialMs: number;
  /** Median of the ratios of neighbouring processes, which share the machine's load. */
  ratio: number;
  /** The least ratio that is good enough. */
  target: number;
  /** Memory of the process once it is loaded, less that of a process that loads nothing, in MB. */
  memoryMb: number;
  officialMb: number;
}

/** Measures the bundles in `dist`, as the last build made them. `node` is the Node that loads them. */
export async function benchBundles({ rounds = 11, node = process.execPath } = {}): Promise<Row[]> {
  const folder = resolve("dist/functions");
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const { resolve: find } = createRequire(import.meta.url);
  const core = "@huaweicloud/huaweicloud-sdk-core";
  const official = [find(core), find(`${core}/HcClient.js`)];
  const rows: Row[] = [];
  for (const name of names) {
    const ours: Loaded[] = [];
    const theirs: Loaded[] = [];
    const none: Loaded[] = [];
    for (let round = 0; round < rounds; round++) {
      ours.push(await load(node, [join(folder, name, "index.js")]));
      theirs.push(await load(node, official));
      none.push(await load(node, []));
    }
    const empty = median(none.map(({ mb }) => mb));
    rows.push({
      name,
      zipKb: statSync(join(folder, `${name}.zip`)).size / 1000,
      loadMs: median(ours.map(({ ms }) => ms)),
      officialMs: median(theirs.map(({ ms }) => ms)),
      ratio: median(theirs.map(({ ms }, round) => ms / ours[round]!.ms)),
      target: 8,
      memoryMb: median(ours.map(({ mb }) => mb)) - empty,
      officialMb: median(theirs.map(({ mb }) => mb)) - empty,
    });
  }
  return rows;
}

interface Loaded {
  ms: number;
  mb: number;
}

async function load(node: string, files: string[]): Promise<Loaded> {
  const script = `const start = performance.now();
    for (const file of ${JSON.stringify(files)}) void require(file).handler;
    const ms = performance.now() - start;
    console.log(JSON.stringify({ ms, mb: process.memoryUsage.rss() / 1e6 }));`;
  const { stdout } = await run(node, ["-e", script], { env: {} });
  return JSON.parse(stdout) as Loaded;
}

const run = promisify(execFile);

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const rows = await benchBundles();
  console.table(
    rows.map((row) => ({
      function: row.name,
      "zip KB": row.zipKb.toFixed(1),
      "load ms": row.loadMs.toFixed(1),
      "official SDK core ms": row.officialMs.toFixed(1),
      ratio: row.ratio.toFixed(1),
      target: `${row.target} or more`,
      "memory MB": row.memoryMb.toFixed(1),
      "official MB": row.officialMb.toFixed(1),
    })),
  );
}
