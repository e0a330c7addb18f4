import { readFileSync } from "node:fs";

/** A flow of the shape of the API reference's own create sample (page functiongraph_06_1004), End state and all. */
export function officialSample() {
  return {
    name: "workflow_test",
    start: "test",
    functions: [{ name: "test", operation: "urn:fss:{regin}:0123456789abcdef0123456789abcdef:test:latest" }],
    constants: {},
    states: [
      {
        id: "test",
        name: "test",
        type: "Operation",
        end: false,
        transition: "end",
        actions: [{ function_ref: { ref_name: "test", arguments: { execution_name: "$.test" } } }],
      },
      {
        id: "end",
        name: "end",
        type: "End",
        end: true,
        transition: "",
        state_data_filter: { input: "", output: "" },
        actions: [],
        action_mode: "",
      },
    ],
    retries: [{ name: "test" }],
  };
}

/** A copy of one of the project's own flows, to be spoilt by a test. */
export function flowFile(name: "create-mesh" | "delete-mesh") {
  return JSON.parse(readFileSync(new URL(`../../workflows/${name}.json`, import.meta.url), "utf8"));
}

/** `flow` with the value at each dotted path replaced; `undefined` removes it. */
export function changed<T>(flow: T, changes: Record<string, unknown>): T {
  const copy = structuredClone(flow);
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split(".");
    const last = keys.pop()!;
    // biome-ignore lint/suspicious/noExplicitAny: tests spoil flows in ways no type allows
    const holder = keys.reduce((at: any, key) => at[key], copy);
    if (value === undefined) delete holder[last];
    else holder[last] = value;
  }
  return copy;
}
