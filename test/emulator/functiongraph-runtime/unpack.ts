import { mkdir, mkdtemp, readFile, realpath, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, isAbsolute, join, normalize } from "node:path";
import { unzipSync } from "fflate";

/** Unpacks a function's zip (its bytes, or a file) into `code` under a new folder, and returns that new folder. */
export async function unpack(zip: Uint8Array | string): Promise<string> {
  const files = unzipSync(typeof zip === "string" ? await readFile(zip) : zip);
  const outside = Object.keys(files).find((name) => isAbsolute(name) || normalize(name).startsWith(".."));
  if (outside) throw new Error(`the zip holds ${outside}, which is outside its own root`);
  const root = await mkdtemp(join(await realpath(tmpdir()), "meshflow-function-"));
  const code = join(root, "code");
  await mkdir(code);
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(code, name);
    await mkdir(name.endsWith("/") ? path : dirname(path), { recursive: true });
    if (!name.endsWith("/")) await writeFile(path, bytes);
  }
  return root;
}
