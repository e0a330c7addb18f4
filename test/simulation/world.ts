import type { Card } from "../../shared/outbound/card.ts";
import type { FlowDefinition } from "../../workflows/definition.ts";
import { type AsmModel, type AsmModelOptions, createAsmModel } from "./asm-model.ts";
import { createSimulation, type Simulation } from "./harness.ts";

export const start = Date.parse("2026-11-24T00:00:00Z");

export const createRequest = {
  requestId: "night-1",
  action: "create" as const,
  mesh: {
    name: "my-mesh",
    version: "1.18.7-r5",
    clusters: [{ id: "my-cluster", nodes: ["node-1", "node-2"], namespaces: ["default"] }],
  },
};

export const deleteRequest = { requestId: "night-2", action: "delete" as const, mesh: { name: "my-mesh" } };

/** A simulation with the ASM model and one destination that keeps what it is told. */
export interface World extends Simulation {
  asm: AsmModel;
  /** Every message that reached the destination, also those that were sent twice. */
  told: { messageId: string; outcome: string; at: number }[];
  /** The history in short: seconds since the start, what happened in which state, and its statusCode. */
  story(): string[];
  /** How often an ending was told for good, as the history has it. */
  tellings(): number;
}

export function createWorld(
  options: Omit<AsmModelOptions, "clock"> & {
    definition?: FlowDefinition;
    /** Until when the destination refuses, ms after the start. */
    deafUntilMs?: number;
  } = {},
): World {
  const { definition, deafUntilMs = 0, ...behaviour } = options;
  let asm: AsmModel | undefined;
  const told: World["told"] = [];
  const channel = {
    name: "test",
    async send(card: Card, { messageId }: { messageId: string }) {
      const at = simulation.clock.now() - start;
      if (at < deafUntilMs) throw new Error("nobody listens");
      told.push({ messageId, outcome: card.outcome, at });
      return {};
    },
  };
  const simulation = createSimulation({
    asm: (clock) => {
      asm = createAsmModel({ clock, ...behaviour });
      return asm;
    },
    channels: [channel],
    ...(definition === undefined ? {} : { definition }),
  });
  const statusOf = (data: unknown) => (data as { statusCode?: number } | undefined)?.statusCode;
  return Object.assign(simulation, {
    asm: asm!,
    told,
    story: () =>
      simulation.history().map(({ at, type, stateId, data }) => {
        const status = type === "result" ? ` ${statusOf(data)}` : "";
        return `${(at - start) / 1000} ${stateId} ${type}${status}`;
      }),
    tellings: () =>
      simulation
        .history()
        .filter(
          ({ type, stateId, data }) => type === "result" && stateId === "notify" && statusOf(data) !== 502,
        ).length,
  });
}
