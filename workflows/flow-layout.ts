import { cutTo } from "./canvas.ts";
import type { FlowDefinition, FlowState } from "./definition.ts";
import { errorWords, stateWords } from "./flow-words.ts";

/** A state's box: rows are terminal lines from the top of the drawing. */
export interface Box {
  state: FlowState;
  words: string[];
  top: number;
  height: number;
  exits: Exit[];
  /** Where the line of those who come from elsewhere arrives. */
  entry?: { row: number; lane: Lane };
  flowsDown: boolean;
}

/** A way out that does not simply go down to the next box. */
export interface Exit {
  kind: "next" | "error" | "retry";
  words: string;
  to: string | undefined;
  row: number;
  lane?: Lane;
}

/** A vertical line on the right that gathers everything that goes to one box. */
export interface Lane {
  column: number;
  from: number;
  to: number;
}

const widestText = 44;
const mostLanes = 6;

/** The boxes of a flow from the first row down, in the order of the file. */
export function layOut(definition: FlowDefinition, current: string | undefined): Box[] {
  const ids = definition.states.map((state) => state.id);
  const boxes: Box[] = [];
  let top = definition.start === ids[0] ? 0 : 1;
  for (const [index, state] of definition.states.entries()) {
    const next = state.transition;
    const flowsDown = next !== "" && next === ids[index + 1];
    const exits: Exit[] = (state.on_errors ?? []).map((entry) => ({
      kind: entry.retry_ref ? "retry" : "error",
      words: errorWords(definition, entry),
      to: entry.transition || undefined,
      row: 0,
    }));
    if (next !== "" && !flowsDown) exits.unshift({ kind: "next", words: "then", to: next, row: 0 });
    const [id = "", ...rest] = stateWords(state).map((line) => cutTo(line, widestText));
    const words = [state.id === current ? `● ${id}` : id, ...rest];
    const entered = definition.states.some(
      (other, at) =>
        other.id !== state.id &&
        ((other.transition === state.id && at !== index - 1) ||
          (other.on_errors ?? []).some((entry) => entry.transition === state.id)),
    );
    const firstRow = top + 1 + (entered ? 1 : 0);
    for (const [line, exit] of exits.entries()) exit.row = firstRow + line;
    const height = Math.max(words.length, exits.length + (entered ? 1 : 0)) + 2;
    boxes.push({ state, words, top, height, exits, flowsDown });
    top += height + 1;
  }
  return boxes;
}

/**
 * Gives each box that others jump to a line of its own, as far left as there is room; the rest
 * name their target instead.
 */
export function assignLanes(boxes: Box[]): Lane[] {
  const lanes: Lane[] = [];
  const seen = new Set<string>();
  for (const box of boxes) {
    if (seen.has(box.state.id)) continue;
    seen.add(box.state.id);
    const comers = boxes
      .filter((other) => other.state.id !== box.state.id)
      .flatMap((other) => other.exits.filter((exit) => exit.to === box.state.id));
    if (comers.length === 0) continue;
    const row = box.top + 1;
    const rows = [row, ...comers.map((exit) => exit.row)];
    const from = Math.min(...rows);
    const to = Math.max(...rows);
    const taken = lanes.filter((lane) => lane.from <= to && from <= lane.to).map((lane) => lane.column);
    const column = Array.from({ length: mostLanes }, (_, n) => n).find((n) => !taken.includes(n));
    if (column === undefined) continue;
    const lane = { column, from, to };
    lanes.push(lane);
    box.entry = { row, lane };
    for (const exit of comers) exit.lane = lane;
  }
  const ids = new Set(boxes.map((box) => box.state.id));
  for (const exit of boxes.flatMap((box) => box.exits)) {
    if (exit.lane !== undefined || exit.to === undefined) continue;
    exit.words += ` ▶ ${exit.to}${ids.has(exit.to) ? "" : " (no such state)"}`;
  }
  return lanes;
}
