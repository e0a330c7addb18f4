import * as z from "zod";
import { flowDefinition } from "./definition.ts";

/**
 * The JSON Schema of a flow file, for editors and other languages (checked in as `flow.schema.json`). It knows
 * the shape only; references, loops and the time budget are `checkDefinition`'s.
 */
export function flowJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(flowDefinition, { io: "input", target: "draft-7" }),
    title: "FunctionGraph flow definition (v2)",
  };
}

/** The text of `flow.schema.json`, laid out as the project's formatter lays it out. */
export function flowJsonSchemaText(): string {
  const text = JSON.stringify(flowJsonSchema(), null, 2);
  const listOfStrings = /\[\s+("[^"\n]*"(?:,\s+"[^"\n]*")*)\s+\]/g;
  return `${text.replace(listOfStrings, (_, items: string) => `[${items.replace(/,\s+/g, ", ")}]`)}\n`;
}
