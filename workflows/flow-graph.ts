import type { FlowDefinition, FlowState } from "./definition.ts";

/** A way out of a state: its `transition` ("next"), or the `transition` of the on_errors entry at `index`. */
export interface FlowEdge {
  from: string;
  to: string;
  kind: "next" | "error";
  index?: number;
}

/** A state's ways out, the normal one first, whether or not the states they name exist. */
export function edgesOf(state: FlowState): FlowEdge[] {
  const next: FlowEdge[] =
    state.transition === "" ? [] : [{ from: state.id, to: state.transition, kind: "next" }];
  const errors = (state.on_errors ?? []).flatMap((entry, index): FlowEdge[] =>
    entry.transition ? [{ from: state.id, to: entry.transition, kind: "error", index }] : [],
  );
  return [...next, ...errors];
}

/** True where a flow ends: an End state, or another state that is marked `end`. */
export function isEnd(state: FlowState): boolean {
  return state.type === "End" || state.end;
}

/** States by id; of two with the same id, the first. */
export function statesById(definition: FlowDefinition): Map<string, FlowState> {
  return new Map([...definition.states].reverse().map((state) => [state.id, state]));
}

/** The ids of the states that can be reached from `start`, itself included; dangling names lead nowhere. */
export function reachableFrom(start: string, definition: FlowDefinition): Set<string> {
  const states = statesById(definition);
  const reached = new Set<string>();
  const open = [start];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const state = states.get(id);
    if (state === undefined || reached.has(id)) continue;
    reached.add(id);
    open.push(...edgesOf(state).map((edge) => edge.to));
  }
  return reached;
}

/** Every loop once, as the ids along it with the first repeated at the end, in the order the states are written. */
export function loopsIn(definition: FlowDefinition): string[][] {
  const states = statesById(definition);
  const loops: string[][] = [];
  const finished = new Set<string>();
  const trail: string[] = [];

  const visit = (id: string): void => {
    const state = states.get(id);
    if (state === undefined || finished.has(id)) return;
    trail.push(id);
    for (const to of new Set(edgesOf(state).map((edge) => edge.to))) {
      const at = trail.indexOf(to);
      if (at === -1) visit(to);
      else loops.push([...trail.slice(at), to]);
    }
    trail.pop();
    finished.add(id);
  };

  for (const state of definition.states) visit(state.id);
  return loops;
}

/**
 * The path from `start` with the greatest total of `weightOf`, and that total. Only for a flow without loops.
 */
export function heaviestPath(
  definition: FlowDefinition,
  weightOf: (state: FlowState) => number,
): { total: number; path: string[] } {
  const states = statesById(definition);
  const known = new Map<string, { total: number; path: string[] }>();

  const from = (id: string): { total: number; path: string[] } => {
    const state = states.get(id);
    if (state === undefined) return { total: 0, path: [] };
    const before = known.get(id);
    if (before !== undefined) return before;
    const rest = edgesOf(state)
      .map((edge) => from(edge.to))
      .reduce((best, one) => (one.total > best.total || best.path.length === 0 ? one : best), {
        total: 0,
        path: [],
      });
    const answer = { total: weightOf(state) + rest.total, path: [id, ...rest.path] };
    known.set(id, answer);
    return answer;
  };

  return from(definition.start);
}
