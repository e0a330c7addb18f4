import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The Node of FunctionGraph's runtime "Node.js20.15" (runtime reference, section 2). */
const VERSION = "20.15.1";
const CACHE = fileURLToPath(new URL("../../../node_modules/.cache/meshflow/", import.meta.url));
const INSTALL = "node test/emulator/functiongraph-runtime/install-node.mjs";

/** The binary that `install-node.mjs` put under node_modules/.cache, or why there is none that runs. */
export function findFunctionNode(cache = CACHE): { path: string } | { reason: string } {
  const platform = process.platform === "win32" ? "win" : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const file = `node_modules/${name}/bin/node${platform === "win" ? ".exe" : ""}`;
  const path = join(cache, `node-${VERSION}`, file);
  if (!existsSync(path)) return { reason: `Node ${VERSION} is not installed: ${INSTALL}` };
  const { stdout, error } = spawnSync(path, ["--version"], { encoding: "utf8", env: {} });
  if (stdout?.trim() === `v${VERSION}`) return { path };
  return { reason: `Node ${VERSION} does not run here: ${error?.message ?? `it answers ${stdout?.trim()}`}` };
}

/** The path of that binary; throws where there is none that runs. */
export function functionNode(): string {
  const found = findFunctionNode();
  if ("reason" in found) throw new Error(found.reason);
  return found.path;
}
