/** Lines and text in a grid of terminal columns; lines that meet are joined by the right character. */
export interface Canvas {
  text(row: number, column: number, text: string, style?: Style): void;
  /** A horizontal line between two columns, both included; it passes behind the vertical lines it crosses. */
  horizontal(row: number, from: number, to: number): void;
  /** A vertical line between two rows, both included. */
  vertical(column: number, from: number, to: number): void;
  /** The drawing, without trailing spaces. */
  render(): string;
}

export type Style = (text: string) => string;

const north = 1;
const east = 2;
const south = 4;
const west = 8;
/** By the sum of the directions in which lines leave a cell. */
const joints = [" ", "│", "─", "╰", "│", "│", "╭", "├", "─", "╯", "─", "┴", "╮", "┤", "┬", "┼"];

type Cell = { lines: number } | { text: string; style: Style | undefined };

export function createCanvas(): Canvas {
  const rows: Cell[][] = [];

  const rowOf = (row: number): Cell[] => {
    rows[row] ??= [];
    return rows[row];
  };
  const join = (row: number, column: number, lines: number) => {
    const cells = rowOf(row);
    const cell = cells[column];
    if (cell === undefined) cells[column] = { lines };
    else if ("lines" in cell) cell.lines |= lines;
  };
  const crosses = (row: number, column: number) => {
    const cell = rows[row]?.[column];
    return cell !== undefined && (!("lines" in cell) || (cell.lines & (north | south)) !== 0);
  };

  return {
    text(row, column, text, style) {
      const cells = rowOf(row);
      let at = column;
      for (const character of text) {
        cells[at++] = { text: character, style };
        if (isWide(character)) cells[at++] = { text: "", style };
      }
    },
    horizontal(row, from, to) {
      join(row, from, east);
      for (let column = from + 1; column < to; column++) {
        if (!crosses(row, column)) join(row, column, east | west);
      }
      join(row, to, west);
    },
    vertical(column, from, to) {
      join(from, column, south);
      for (let row = from + 1; row < to; row++) join(row, column, north | south);
      join(to, column, north);
    },
    render() {
      return Array.from(rows, (cells) => renderRow(cells ?? [])).join("\n");
    },
  };
}

/** The terminal columns that a text takes: Chinese characters take two. */
export function columnsOf(text: string): number {
  return [...text].reduce((sum, character) => sum + (isWide(character) ? 2 : 1), 0);
}

/** `text`, cut with an ellipsis where it is wider than `columns`. */
export function cutTo(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let cut = "";
  for (const character of text) {
    if (columnsOf(cut + character) > columns - 1) break;
    cut += character;
  }
  return `${cut}…`;
}

function renderRow(cells: Cell[]): string {
  let row = "";
  let run = "";
  let style: Style | undefined;
  const flush = () => {
    row += style === undefined || run === "" ? run : style(run);
    run = "";
  };
  for (const cell of Array.from(cells)) {
    const next = cell !== undefined && "text" in cell ? cell.style : undefined;
    if (next !== style) {
      flush();
      style = next;
    }
    run += cell === undefined ? " " : "text" in cell ? cell.text : joints[cell.lines];
  }
  flush();
  return row.trimEnd();
}

function isWide(character: string): boolean {
  return /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(
    character,
  );
}
