import { createColors } from "picocolors";
import { columnsOf, createCanvas } from "./canvas.ts";
import type { FlowDefinition } from "./definition.ts";
import { assignLanes, type Exit, layOut } from "./flow-layout.ts";
import { errorWords, stateWords } from "./flow-words.ts";

/**
 * The flow as Mermaid text. Broken lines are on_errors, round corners sleep, a circle ends; a transition to a state
 * that does not exist leads to a node that says so.
 */
export function mermaid(definition: FlowDefinition): string {
  const nodes = new Map<string, string>();
  for (const [index, state] of definition.states.entries()) {
    if (!nodes.has(state.id)) nodes.set(state.id, `s${index}`);
  }
  const lines: string[] = [];
  const missing: string[] = [];
  const nodeOf = (id: string): string => {
    const known = nodes.get(id);
    if (known !== undefined) return known;
    const node = `missing${missing.length}`;
    nodes.set(id, node);
    missing.push(`  ${node}["${escaped(id)}<br/>no such state"]:::missing`);
    return node;
  };

  const start = nodeOf(definition.start);
  for (const [index, state] of definition.states.entries()) {
    const words = stateWords(state).map(escaped).join("<br/>");
    const [open, close] = { Operation: ["[", "]"], Sleep: ["(", ")"], End: ["((", "))"] }[
      state.type
    ] as string[];
    lines.push(`  s${index}${open}"${words}"${close}`);
  }
  lines.push(`  begin(( )) --> ${start}`);
  for (const [index, state] of definition.states.entries()) {
    if (state.transition !== "") lines.push(`  s${index} --> ${nodeOf(state.transition)}`);
    for (const entry of state.on_errors ?? []) {
      const label = escaped(errorWords(definition, entry));
      lines.push(`  s${index} -.->|"${label}"| ${entry.transition ? nodeOf(entry.transition) : `s${index}`}`);
    }
  }
  if (missing.length > 0) missing.push("  classDef missing stroke:#c00,color:#c00,stroke-dasharray:4");
  return `${["flowchart TD", ...lines, ...missing].join("\n")}\n`;
}

export interface DrawOptions {
  color?: boolean;
  /** Id of the state that an execution is in; it is marked. */
  current?: string;
}

/**
 * The flow as a drawing of boxes for a terminal, states in the order of the file. What does not go to the next box
 * goes along a line on the right, or names its target where that is too far, itself, or no state.
 */
export function drawTerminal(definition: FlowDefinition, options: DrawOptions = {}): string {
  const colors = createColors(options.color ?? false);
  const boxes = layOut(definition, options.current);
  const lanes = assignLanes(boxes);
  const canvas = createCanvas();

  const width = Math.max(...boxes.flatMap((box) => box.words.map(columnsOf))) + 4;
  const labelAt = width + 1;
  const exits = boxes.flatMap((box) => box.exits);
  const laneAt = labelAt + Math.max(0, ...exits.map((exit) => columnsOf(label(exit)))) + 4;
  const middle = Math.floor(width / 2);

  if (definition.start !== boxes[0]?.state.id) {
    const known = boxes.some((box) => box.state.id === definition.start);
    canvas.text(0, 0, `starts at ${definition.start}${known ? "" : " (no such state)"}`);
  }
  for (const lane of lanes) canvas.vertical(laneAt + 2 * lane.column, lane.from, lane.to);
  for (const [index, box] of boxes.entries()) {
    const bottom = box.top + box.height - 1;
    canvas.horizontal(box.top, 0, width - 1);
    canvas.horizontal(bottom, 0, width - 1);
    canvas.vertical(0, box.top, bottom);
    canvas.vertical(width - 1, box.top, bottom);
    const isCurrent = options.current === box.state.id;
    for (const [line, text] of box.words.entries()) {
      const style =
        line > 0 ? colors.dim : isCurrent ? (id: string) => colors.bold(colors.green(id)) : colors.bold;
      canvas.text(box.top + 1 + line, 2, text, style);
    }
    if (box.entry !== undefined) {
      canvas.text(box.entry.row, labelAt, "◀");
      canvas.horizontal(box.entry.row, labelAt + 1, laneAt + 2 * box.entry.lane.column);
    }
    for (const exit of box.exits) {
      const style = exit.kind === "retry" ? colors.yellow : exit.kind === "error" ? colors.red : undefined;
      canvas.text(exit.row, labelAt, label(exit), style);
      if (exit.lane === undefined) continue;
      canvas.horizontal(exit.row, labelAt + columnsOf(label(exit)) + 1, laneAt + 2 * exit.lane.column);
    }
    if (box.flowsDown && boxes[index + 1] !== undefined) {
      canvas.text(bottom, middle, "┬");
      canvas.text(bottom + 1, middle, "▼");
    }
  }
  return `${canvas.render()}\n`;
}

function label(exit: Exit): string {
  const mark = { next: "", error: "✗ ", retry: "↻ " }[exit.kind];
  return `${mark}${exit.words}`;
}

function escaped(text: string): string {
  return text.replace(/[&"<#]/g, (character) => `#${character.charCodeAt(0)};`);
}
