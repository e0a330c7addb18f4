import type { FlowDefinition, FlowState, OperationState } from "../../../workflows/definition.ts";

type Action = OperationState["actions"][number];

export function action(name: string, args: Record<string, unknown> = { all: "$" }): Action {
  return { function_ref: { ref_name: name, arguments: args } };
}

/** An Operation that calls the function of its own name with `{ all: $ }`, unless told otherwise. */
export function operation(id: string, transition: string, more: Partial<OperationState> = {}): FlowState {
  return { id, name: id, type: "Operation", end: false, transition, actions: [action(id)], ...more };
}

export function pause(id: string, transition: string, duration: number): FlowState {
  return { id, name: id, type: "Sleep", end: false, transition, duration, actions: [] };
}

export const done: FlowState = {
  id: "done",
  name: "done",
  type: "End",
  end: true,
  transition: "",
  actions: [],
  action_mode: "",
};

/** A flow that begins with the first of its states; `done` is added. */
export function flow(states: FlowState[], more: Partial<FlowDefinition> = {}): FlowDefinition {
  return {
    name: "test-flow",
    start: states[0]?.id ?? "done",
    functions: [],
    states: [...states, done],
    constants: {},
    retries: [],
    ...more,
  };
}
