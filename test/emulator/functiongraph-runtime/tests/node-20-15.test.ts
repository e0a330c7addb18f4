import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { findFunctionNode } from "../node-20-15.ts";

const SCRIPT = "test/emulator/functiongraph-runtime/install-node.mjs";
const binary = `node-20.15.1/node_modules/node-${process.platform}-${process.arch}/bin/node`;

it("says how to install the functions' Node where it is missing", () => {
  expect(findFunctionNode(emptyFolder())).toEqual({
    reason: `Node 20.15.1 is not installed: node ${SCRIPT}`,
  });
});

it.each([
  ["prints another version", "#!/bin/sh\necho v18.0.0\n", "it answers v18.0.0"],
  ["does not start", "#!/nowhere/sh\n", "ENOENT"],
])("is no Node of the functions' when it %s", (_, script, why) => {
  const cache = emptyFolder();
  mkdirSync(dirname(join(cache, binary)), { recursive: true });
  writeFileSync(join(cache, binary), script);
  chmodSync(join(cache, binary), 0o755);
  expect(findFunctionNode(cache)).toEqual({
    reason: expect.stringMatching(new RegExp(`^Node 20\\.15\\.1 does not run here: .*${why}$`)),
  });
});

it("installs nothing, and says nothing, where the binary is already", () => {
  const root = emptyFolder();
  const installed = join(root, "node_modules/.cache/meshflow", binary);
  mkdirSync(dirname(installed), { recursive: true });
  writeFileSync(installed, "");
  expect(install(root)).toEqual({ status: 0, output: "" });
});

it("says in one line why it cannot install, leaves nothing behind and ends well", () => {
  const root = emptyFolder();
  const { status, output } = install(root);
  expect(status).toBe(0);
  expect(output).toMatch(
    /^Node 20\.15\.1 could not be installed, so tests that need it are skipped: .*npm.*\n$/,
  );
  expect(existsSync(join(root, "node_modules/.cache/meshflow/node-20.15.1"))).toBe(false);
});

/** Runs the script in a repository of its own, on a machine without npm. */
function install(root: string): { status: number | null; output: string } {
  mkdirSync(dirname(join(root, SCRIPT)), { recursive: true });
  cpSync(SCRIPT, join(root, SCRIPT));
  const env = { PATH: root };
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, SCRIPT)], {
    encoding: "utf8",
    env,
  });
  return { status, output: stdout + stderr };
}

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "meshflow-node-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}
