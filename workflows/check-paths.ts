import type { Report } from "./check-definition.ts";
import type { FlowDefinition } from "./definition.ts";
import { isEnd, loopsIn, reachableFrom, statesById } from "./flow-graph.ts";

/** No loops, every state is reached, and from every state an end is reached. */
export function checkPaths(definition: FlowDefinition, report: Report): void {
  const loops = loopsIn(definition);
  for (const loop of loops) {
    report({
      level: "error",
      state: loop[0]!,
      message: `the flow runs in a circle: ${loop.join(" -> ")}`,
      fix: "FunctionGraph takes only flows without loops: call a state again with on_errors and a retry",
    });
  }

  const states = statesById(definition);
  const reached = reachableFrom(definition.start, definition);
  for (const [at, state] of definition.states.entries()) {
    const path = `states[${at}]`;
    if (states.has(definition.start) && !reached.has(state.id)) {
      report({
        level: "error",
        state: state.id,
        path,
        message: `nothing leads to the state "${state.id}"`,
        fix: "name it in another state's transition, or remove it",
      });
    }
    if (!isEnd(state) && state.transition === "") {
      report({
        level: "error",
        state: state.id,
        path: `${path}.transition`,
        message: `the state "${state.id}" does not say which state follows it`,
        fix: "name the next state in its transition",
      });
    } else if (![...reachableFrom(state.id, definition)].some((id) => isEnd(states.get(id)!))) {
      report({
        level: "error",
        state: state.id,
        path,
        message: `no End state can be reached from the state "${state.id}"`,
        fix: "let one of its transitions lead to an End state",
      });
    }
  }
}
