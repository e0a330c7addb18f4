import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/**
 * The licences of the packages of which a bundle has at least one byte, by name, as their authors ask for with every
 * copy. `root` is the folder that the paths of the metafile start from.
 */
export function licencesOf(metafile, root) {
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  const folders = new Set(
    inputs.flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? (packageFolder(file) ?? []) : [])),
  );
  const texts = [...folders].map((folder) => licenceOf(resolve(root, folder)));
  return texts.sort().join(`\n${"-".repeat(80)}\n\n`);
}

function packageFolder(file) {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
}

function licenceOf(folder) {
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  const text = file ? readFileSync(join(folder, file), "utf8") : wordsOf(about);
  return `${about.name} ${about.version} (${about.license})\n\n${text.replaceAll("\r\n", "\n").trim()}\n`;
}

/** For a package that names its licence and does not bring the text. */
function wordsOf({ name, version, license, author }) {
  if (license !== "MIT")
    throw new Error(`${name} ${version} (${license}) is bundled and has no licence text to go with it.`);
  return `Copyright (c) ${typeof author === "string" ? author : (author?.name ?? `the authors of ${name}`)}\n\n${mit}`;
}

const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
