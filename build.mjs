// Bundles the command: dist/meshflow.js, one file, started by Node alone. libsql stays outside: it holds a native binary.
import { chmodSync } from "node:fs";
import { build } from "esbuild";

await build({
  entryPoints: { meshflow: "workflows/cli/meshflow.ts" },
  outdir: "dist",
  bundle: true,
  platform: "node",
  target: "node20.19",
  format: "esm",
  external: ["libsql"],
  sourcemap: "linked",
  legalComments: "eof",
  logLevel: "warning",
  banner: {
    js: '#!/usr/bin/env node\nimport { createRequire as createRequireForBundle } from "node:module"; const require = createRequireForBundle(import.meta.url);',
  },
});
chmodSync("dist/meshflow.js", 0o755);
