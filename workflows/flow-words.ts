import type { FlowDefinition, FlowState } from "./definition.ts";

/** A state in a reader's words: its id, its name where that says more, and what it does. */
export function stateWords(state: FlowState): string[] {
  const name = state.name.replaceAll("_", " ");
  return [state.id, ...(name.toLowerCase() === state.id.toLowerCase() ? [] : [name]), ...deeds(state)];
}

function deeds(state: FlowState): string[] {
  if (state.type === "Sleep") return [`sleeps ${state.duration} s`];
  return state.actions.flatMap((action) => {
    const { ref_name, arguments: given } = action.function_ref;
    const words = [
      ...(ref_name === state.id ? [] : [`calls ${ref_name}`]),
      ...(typeof given.waitSeconds === "number" ? [`waits up to ${given.waitSeconds} s a call`] : []),
    ];
    return words.length === 0 ? [] : [words.join(", ")];
  });
}

/** An on_errors entry in words: `503: every 10 s up to 5 times, then`, or the bare condition for a branch. */
export function errorWords(
  definition: FlowDefinition,
  entry: NonNullable<FlowState["on_errors"]>[number],
): string {
  const condition = (entry.error ?? "any result")
    .replace(/^\$\.statusCode\s*(==\s*)?/, "")
    .replace(/^\$\./, "");
  if (entry.retry_ref === undefined || entry.retry_ref === "") return condition;
  const retry = definition.retries.find(({ name }) => name === entry.retry_ref);
  const again =
    retry === undefined
      ? `again by ${entry.retry_ref} (no such retry)`
      : `every ${retry.delay} s up to ${retry.max_attempts} times`;
  return `${condition}: ${again}${entry.transition ? ", then" : ""}`;
}
