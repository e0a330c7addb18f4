// Says where in the source a stack from a function's log comes from:
//   node workflows/deploy/bundle/symbolize.mjs dist/functions/NAME/index.js.map < stack.txt
// The map must be of the same build as the code that runs; the same sources always give the same build.
import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { text } from "node:stream/consumers";

const [file] = process.argv.slice(2);
if (!file) {
  console.error("Usage: node symbolize.mjs dist/functions/NAME/index.js.map < stack.txt");
  process.exit(2);
}
const map = new SourceMap(JSON.parse(readFileSync(file, "utf8")));
const stack = await text(process.stdin);
process.stdout.write(stack.replace(/[^\s()"]*index\.js:(\d+):(\d+)/g, inSource));

function inSource(place, line, column) {
  const { originalSource, originalLine, originalColumn } = map.findEntry(line - 1, column - 1);
  if (originalSource === undefined) return place;
  return `${originalSource.replace(/^(\.\.\/)+/, "")}:${originalLine + 1}:${originalColumn + 1}`;
}
