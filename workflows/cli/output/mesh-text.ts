import type { MeshSummary } from "../../../shared/request/step-result.ts";
import { formatAge } from "./duration.ts";
import { pairs, table } from "./table.ts";
import type { Channel, Colors } from "./terminal.ts";

/** What is known of one mesh, for people. */
export function meshText(mesh: MeshSummary, now: number, colors: Colors): string {
  return pairs(
    [
      ["name", colors.bold(mesh.name)],
      ["uid", mesh.uid],
      ["phase", phaseText(mesh.phase, colors)],
      ["version", mesh.version],
      ["cluster", mesh.clusters?.join(", ")],
      ["age", mesh.createdAt && `${formatAge(mesh.createdAt, now)} (since ${mesh.createdAt})`],
      ["updated", mesh.updatedAt && `${formatAge(mesh.updatedAt, now)} ago`],
    ],
    colors,
  );
}

/** One line a mesh. */
export function meshTable(meshes: readonly MeshSummary[], now: number, out: Channel): string {
  const rows = meshes.map((mesh) => [
    mesh.name,
    mesh.phase ?? "-",
    mesh.version ?? "-",
    formatAge(mesh.createdAt, now),
    mesh.uid ?? "-",
    mesh.clusters?.join(",") || "-",
  ]);
  const header = ["NAME", "PHASE", "VERSION", "AGE", "UID", "CLUSTER"];
  return table(header, rows, { colors: out.colors, columns: out.columns(), shrink: [5, 4, 0] });
}

function phaseText(phase: string | undefined, colors: Colors): string {
  if (phase === undefined) return "unknown";
  if (phase === "Running") return colors.green(phase);
  return phase.endsWith("Failed") ? colors.red(phase) : colors.yellow(phase);
}
