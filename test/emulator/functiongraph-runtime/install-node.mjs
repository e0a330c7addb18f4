// Brings the Node that FunctionGraph runs functions on, for the tests, into node_modules/.cache: never a dependency,
// whose bin would shadow the developer's own node. Does nothing where it is there already; where it cannot, it says why
// in one line and ends well.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const VERSION = "20.15.1";
const cache = fileURLToPath(new URL("../../../node_modules/.cache/meshflow/", import.meta.url));
const windows = process.platform === "win32";
const name = `node-${windows ? "win" : process.platform}-${process.arch}`;
const target = join(cache, `node-${VERSION}`);

if (!existsSync(join(target, "node_modules", name, "bin", windows ? "node.exe" : "node"))) {
  const partial = `${target}.${process.pid}`;
  try {
    mkdirSync(partial, { recursive: true });
    const quick = ["--prefer-offline", "--fetch-retries=1", "--fetch-retry-mintimeout=1000"];
    const options = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", ...quick];
    const npm = spawnSync("npm", ["install", ...options, "--prefix", partial, `${name}@${VERSION}`], {
      cwd: partial,
      encoding: "utf8",
      shell: windows,
      timeout: 180_000,
    });
    if (npm.status !== 0)
      throw npm.error ?? new Error(npm.stderr.split("\n").find((line) => /error/i.test(line)));
    // Another run may have been faster.
    if (!existsSync(target)) renameSync(partial, target);
  } catch (error) {
    console.log(
      `Node ${VERSION} could not be installed, so tests that need it are skipped: ${error.message}`,
    );
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
