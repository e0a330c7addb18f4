import type { Colors } from "./terminal.ts";

/**
 * Left-aligned columns, two spaces apart, without lines. When a row is wider than `columns`, the columns in
 * `shrink` (their indices) give way one after the other; with no limit nothing is cut.
 */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  options: { colors: Colors; columns?: number | undefined; shrink?: readonly number[] },
): string {
  const cells = rows.map((row) => row.map(printable));
  const widths = header.map((title, index) =>
    Math.max(title.length, ...cells.map((row) => width(row[index] ?? ""))),
  );
  const { columns = Number.POSITIVE_INFINITY, shrink = [], colors } = options;
  for (const index of shrink) {
    const over = widths.reduce((sum, value) => sum + value + 2, -2) - columns;
    if (over > 0) widths[index] = Math.max(header[index]!.length, 8, widths[index]! - over);
  }
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) => {
        const text = clip(cell, widths[index]!);
        return text + " ".repeat(Math.max(0, widths[index]! - width(text)));
      })
      .join("  ")
      .trimEnd();
  return [colors.dim(line(header)), ...cells.map(line)].join("\n");
}

/** Label and value pairs under each other, wrapped at `columns`; pairs without a value are left out. */
export function pairs(
  entries: readonly (readonly [string, string | undefined])[],
  colors: Colors,
  columns?: number,
): string {
  const shown = entries.filter((entry): entry is readonly [string, string] => Boolean(entry[1]));
  const label = Math.max(0, ...shown.map(([name]) => name.length));
  const room = columns === undefined ? Number.POSITIVE_INFINITY : Math.max(20, columns - label - 3);
  const indent = " ".repeat(label + 2);
  return shown
    .map(([name, value]) => {
      const lines = value.split("\n").flatMap((line) => wrap(line, room));
      return `${colors.dim(name.padEnd(label))}  ${lines.join(`\n${indent}`)}`;
    })
    .join("\n");
}

/** A line as lines of at most `columns` cells, broken at spaces; a longer word stays whole, to be copied. */
export function wrap(line: string, columns: number): string[] {
  if (width(line) <= columns) return [line];
  const lines: string[] = [];
  for (const word of line.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && width(`${last} ${word}`) <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Text cut to `columns` cells, with an ellipsis when something is missing. */
export function clip(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let used = 0;
  let kept = "";
  for (const character of text) {
    used += width(character);
    if (used > columns - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Text from outside, without control characters: what Huawei Cloud answers must not move the cursor. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is being removed
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}

function width(text: string): number {
  let cells = 0;
  for (const character of text) cells += wide.test(character) ? 2 : 1;
  return cells;
}

const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;
