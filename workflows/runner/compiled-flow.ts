import type { FlowDefinition, FlowState } from "../definition.ts";

/** A definition with its states and retry policies found by name; built once per definition object. */
export interface CompiledFlow {
  states: ReadonlyMap<string, FlowState>;
  retries: ReadonlyMap<string, { delayMs: number; maxAttempts: number }>;
}

export function compileFlow(definition: FlowDefinition): CompiledFlow {
  let flow = compiled.get(definition);
  if (!flow) {
    flow = {
      states: new Map(definition.states.map((state) => [state.id, state])),
      // the defaults of CreateWorkflow's Retry, for definitions that were not parsed: 1 s, 3 attempts
      retries: new Map(
        definition.retries.map((retry) => [
          retry.name,
          { delayMs: (retry.delay ?? 1) * 1_000, maxAttempts: retry.max_attempts ?? 3 },
        ]),
      ),
    };
    compiled.set(definition, flow);
  }
  return flow;
}

const compiled = new WeakMap<FlowDefinition, CompiledFlow>();
