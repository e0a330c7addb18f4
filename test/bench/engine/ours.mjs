// Our runner in the engines bench: `node ours.mjs MODE N C`, the modes of that bench's README.
// How to run: copy the bench's folder and this file to a folder outside the repository on the disk to be measured, then
//   npm install --no-save libsql            (for the floor rows)
//   export MESHFLOW_ROOT=/path/to/this/repository NODE=$(command -v node)
//   bash run.sh ours && TMS=4000 bash timer-crash.sh ours && node floor.mjs 300 5000
// The runner is TypeScript: it is bundled once (by the repository's own esbuild) to ours-bundle.cjs beside this file, and again
// when its sources are newer than that. MESHFLOW_JOURNAL (default $WORK/ours.db) is the journal.
import { existsSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as C from "./common.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = process.env.MESHFLOW_ROOT ?? join(here, "../../..");
const require = createRequire(join(root, "package.json"));

function bundle() {
  const file = join(here, "ours-bundle.cjs");
  const sources = ["workflows", "workflows/runner"].flatMap((folder) =>
    readdirSync(join(root, folder)).flatMap((name) =>
      name.endsWith(".ts") ? [join(root, folder, name)] : [],
    ),
  );
  if (existsSync(file) && sources.every((source) => statSync(source).mtimeMs <= statSync(file).mtimeMs))
    return file;
  require("esbuild").buildSync({
    entryPoints: [join(root, "workflows/runner/runner.ts")],
    outfile: file,
    bundle: true,
    minify: !process.env.NOMINIFY,
    platform: "node",
    target: "node20.15",
    format: "cjs",
    // by its absolute path: where the bundle lies there may be no node_modules
    alias: { libsql: require.resolve("libsql") },
    external: [require.resolve("libsql")],
  });
  return file;
}

// not imported: looking for the names that CommonJS exports takes longer than running it
const { createRunner } = require(bundle());
if (process.argv[2] === "bundle") process.exit(0);

const [mode, N, CC] = [process.argv[2], +process.argv[3] || 200, +process.argv[4] || 50];
const TMS = Math.ceil(+(process.env.TMS || 1000) / 1000) * 1000; // a flow sleeps whole seconds
const PREFIX = process.env.PREFIX || `us${process.pid}-`; // keys are for ever: another process needs others
const journal = process.env.MESHFLOW_JOURNAL || `${C.WORK}/ours.db`;

const operation = (id, transition, args) => ({
  id,
  name: id,
  type: "Operation",
  end: false,
  transition,
  actions: [{ function_ref: { ref_name: id.replace(/-\d+$/, ""), arguments: args } }],
}); // prettier-ignore
const done = {
  id: "done",
  name: "done",
  type: "End",
  end: true,
  transition: "",
  actions: [],
  action_mode: "",
};
const flow = (name, states, functions) => ({
  name,
  start: states[0].id,
  constants: {},
  retries: [],
  functions: functions.map((f) => ({ name: f, operation: f })),
  states: [...states, done],
}); // prettier-ignore

const mesh = flow(
  "mesh",
  [
    operation("create", "poll-1", { run: "$.run" }),
    operation("poll-1", "poll-2", { run: "$.run", i: 1 }),
    operation("poll-2", "poll-3", { run: "$.run", i: 2 }),
    operation("poll-3", "switch", { run: "$.run", i: 3 }),
    operation("switch", "notify", { run: "$.run", status: "$.status" }),
    operation("notify", "done", { run: "$.run", verdict: "$.verdict" }),
  ],
  ["create", "poll", "switch", "notify"],
);
const many = (steps) =>
  flow(
    "many",
    Array.from({ length: steps }, (_, i) =>
      operation(`s-${i}`, i + 1 < steps ? `s-${i + 1}` : "done", { i }),
    ),
    ["s"],
  );
const timer = flow(
  "timer",
  [
    operation("begin", "sleep", { run: "$.run", ms: "$.ms" }),
    {
      id: "sleep",
      name: "sleep",
      type: "Sleep",
      end: false,
      transition: "late",
      duration: TMS / 1000,
      actions: [],
    },
    operation("late", "done", { run: "$.run", t: "$.t" }),
  ],
  ["begin", "late"],
);

const functions = {
  create: ({ run }) => ({ run, ...C.create(run) }),
  poll: ({ run, i }) => ({ run, status: C.poll(run, i) }),
  switch: ({ run, status }) => ({ run, verdict: C.sw(run, status) }),
  notify: ({ run, verdict }) => ({ run, note: C.notify(run, verdict) }),
  s: ({ i }) => ({ i }),
  begin: ({ run }) => ({ run, t: Date.now() }),
  late: ({ run, t }) => {
    const late = Date.now() - t - TMS;
    C.effect(run, `late=${late}`);
    return { late };
  },
};
const runner = createRunner({ journal, invoke: async (name, input) => functions[name](input) });

let k = Date.now();
const run = async (definition, key, input = { run: key }) => {
  const handle = await runner.start({ definition, input, key });
  const { status, output } = await handle.result();
  if (status !== "success") throw new Error(`${key} ended with ${status}`);
  return output;
};
const one = () => run(mesh, `${PREFIX}${k++}`);

if (mode === "seq") {
  await C.seq(20, one);
  C.out({ peer: "ours", mode, ...(await C.seq(N, one)) });
} else if (mode === "conc") {
  await C.seq(20, one);
  C.out({ peer: "ours", mode, ...(await C.conc(N, CC, one)) });
} else if (mode === "steps") {
  const of = (definition) => () => run(definition, `${PREFIX}m${k++}`);
  const [six, fortySix] = [many(6), many(46)];
  await C.seq(10, of(six));
  const [a, b] = [await C.seq(N, of(six)), await C.seq(N, of(fortySix))];
  const perStepMs = +((b.lat.p50 - a.lat.p50) / 40).toFixed(3);
  C.out({ peer: "ours", mode, p50_6: a.lat.p50, p50_46: b.lat.p50, perStepMs });
} else if (mode === "timer") {
  const outputs = await Promise.all(Array.from({ length: N }, () => run(timer, `${PREFIX}t${k++}`)));
  C.out({ peer: "ours", mode: "timer lateness ms", ...C.stats(outputs.map((o) => o.late)) });
} else if (mode === "idle") {
  await new Promise((resolve) => setTimeout(resolve, N));
} else if (mode === "start" || mode === "recover") {
  const t0 = C.now();
  const handles = [];
  let next = 0;
  const worker = async () => {
    for (;;) {
      const i = next++;
      if (i >= N) return;
      const key = `${PREFIX}${i}`;
      const handle = await runner.start({ definition: mesh, input: { run: key }, key });
      handles.push(handle);
      if (mode === "start") await handle.result();
    }
  };
  await Promise.all(Array.from({ length: CC }, worker));
  const ended = await Promise.all(handles.map((handle) => handle.result()));
  const distinctRuns = new Set(ended.filter((e) => e.status === "success").map((e) => e.id)).size;
  C.out({ peer: "ours", mode, n: N, distinctRuns, wallMs: +(C.now() - t0).toFixed(0) });
}
await runner.close();
process.exit(0);
