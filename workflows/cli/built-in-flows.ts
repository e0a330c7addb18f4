import createMesh from "../create-mesh.json" with { type: "json" };
import { type FlowDefinition, flowDefinition } from "../definition.ts";
import deleteMesh from "../delete-mesh.json" with { type: "json" };

/** The two flows that the command comes with, as they stand in their files. */
export const builtInFlows = {
  "create-mesh": createMesh,
  "delete-mesh": deleteMesh,
} as const satisfies Record<string, unknown>;

/** One of them, with the defaults of the format filled in. */
export function builtInFlow(name: keyof typeof builtInFlows): FlowDefinition {
  return flowDefinition.parse(builtInFlows[name]);
}
