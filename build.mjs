// Bundles everything that is run outside this repository:
//   dist/meshflow.js             the command, one file, started by Node alone
//   dist/functions/NAME.zip      what FunctionGraph runs: index.js (CommonJS) and LICENSES.txt; the same bytes each time
//   dist/functions/NAME/         the same two files, with index.js.map and meta.json (esbuild's account of every byte)
//   dist/functions/package.json  says that those are CommonJS, which this repository's own package.json denies
// Options: --silent prints no sizes, --outdir DIR builds elsewhere.
import { existsSync, readdirSync } from "node:fs";
import { chmod, mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { zipSync } from "fflate";
import { leaveOut } from "./workflows/deploy/bundle/leave-out.mjs";
import { licencesOf } from "./workflows/deploy/bundle/licences.mjs";

const { values: options } = parseArgs({
  options: { silent: { type: "boolean" }, outdir: { type: "string", default: "dist" } },
});
const root = import.meta.dirname;
const outdir = resolve(root, options.outdir);
const common = { absWorkingDir: root, bundle: true, platform: "node", write: false, logLevel: "warning" };

const functions = readdirSync(join(root, "functions"))
  .filter((name) => existsSync(join(root, "functions", name, "handler.ts")))
  .sort();
const [, ...rows] = await Promise.all([buildCommand(), ...functions.map(buildFunction)]);
await replace(join(outdir, "functions", "package.json"), '{ "type": "commonjs" }\n');
if (wantsSizes()) printSizes(rows);

/** libsql stays outside: it holds a native binary. */
async function buildCommand() {
  const { outputFiles } = await build({
    ...common,
    entryPoints: { meshflow: "workflows/cli/meshflow.ts" },
    outdir,
    target: "node20.19",
    format: "esm",
    external: ["libsql"],
    sourcemap: "linked",
    legalComments: "eof",
    banner: {
      js: '#!/usr/bin/env node\nimport { createRequire as createRequireForBundle } from "node:module"; const require = createRequireForBundle(import.meta.url);',
    },
  });
  for (const { path, contents } of outputFiles)
    await replace(path, contents, path.endsWith(".js") ? 0o755 : 0o644);
}

/**
 * FunctionGraph's Node.js 20.15 takes CommonJS only, and loses the stack of an error when source maps are on: the map
 * stays here, for workflows/deploy/bundle/symbolize.mjs.
 */
async function buildFunction(name) {
  const { outputFiles, metafile } = await build({
    ...common,
    entryPoints: { index: `functions/${name}/handler.ts` },
    outdir: `dist/functions/${name}`,
    target: "node20.15",
    format: "cjs",
    minify: true,
    sourcemap: "external",
    legalComments: "none",
    metafile: true,
    plugins: [leaveOut],
  });
  const js = outputFiles.find(({ path }) => path.endsWith("index.js")).contents;
  const map = outputFiles.find(({ path }) => path.endsWith("index.js.map")).contents;
  const licences = Buffer.from(licencesOf(metafile, root));
  const zip = zipSync(
    { "index.js": js, "LICENSES.txt": licences },
    { level: 9, mtime: new Date(1980, 0, 1) },
  );
  const folder = join(outdir, "functions", name);
  await replace(join(folder, "index.js"), js);
  await replace(join(folder, "index.js.map"), map);
  await replace(join(folder, "LICENSES.txt"), licences);
  await replace(join(folder, "meta.json"), JSON.stringify(metafile));
  await replace(`${folder}.zip`, zip);
  return { name, js: js.length, zip: zip.length };
}

/** Whoever reads the old file at this moment reads it to its end: tests and builds run side by side. */
async function replace(file, contents, mode = 0o644) {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, contents);
  await chmod(temporary, mode);
  await rename(temporary, file);
}

/** Only who asked for a build sees it: not an install, a test run or a demo that begins with one. */
function wantsSizes() {
  const script = process.env.npm_lifecycle_event;
  const quiet = options.silent || process.env.npm_config_loglevel === "silent";
  return !quiet && (script === undefined || script === "build");
}

function printSizes(rows) {
  const line = (name, js, zip) => `${name.padEnd(16)}${js.padStart(10)}${zip.padStart(10)}`;
  const kb = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;
  console.log(line("function", "index.js", "zip"));
  for (const { name, js, zip } of rows) console.log(line(name, kb(js), kb(zip)));
}
