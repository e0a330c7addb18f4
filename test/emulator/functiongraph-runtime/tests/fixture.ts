import { strToU8, zipSync } from "fflate";
import { onTestFinished } from "vitest";
import { type AgencyCredentials, type FunctionInstance, startFunctionInstance } from "../host.ts";
import { findFunctionNode } from "../node-20-15.ts";
import type { FunctionSettings } from "../settings.ts";

const node = findFunctionNode();

/** For `describe.skipIf`: the functions' own Node does not run here; says why. */
export function withoutFunctionNode(): boolean {
  if ("path" in node) return false;
  console.warn(`Tests that need the functions' own Node are skipped. ${node.reason}`);
  return true;
}

export const settings: FunctionSettings = {
  name: "demo",
  projectId: "0000000000000000000000000000e4a1",
  handler: "index.handler",
  timeoutSeconds: 10,
  memoryMb: 128,
};

/** A zip of these files; a string alone is the function's `index.js`. */
export function zipOf(files: string | Record<string, string>): Uint8Array {
  const all = typeof files === "string" ? { "index.js": files } : files;
  return zipSync(Object.fromEntries(Object.entries(all).map(([name, text]) => [name, strToU8(text)])));
}

/** An instance that ends with its test; it runs under this Node where the functions' own does not run. */
export async function instanceOf(
  files: string | Record<string, string> | Uint8Array,
  changes: Partial<FunctionSettings> = {},
  credentials?: AgencyCredentials,
): Promise<FunctionInstance> {
  const instance = await startFunctionInstance({
    zip: files instanceof Uint8Array ? files : zipOf(files),
    settings: { ...settings, ...changes },
    ...(credentials && { credentials }),
    nodeBinary: "path" in node ? node.path : process.execPath,
  });
  onTestFinished(() => instance.close());
  return instance;
}

/** [code, body] of one call of a function with this `index.js`. */
export async function answerOf(
  files: string | Record<string, string>,
  event: unknown = {},
  changes: Partial<FunctionSettings> = {},
): Promise<[number, string]> {
  const instance = await instanceOf(files, changes);
  const { code, body } = await instance.invoke(event);
  return [code, body];
}
