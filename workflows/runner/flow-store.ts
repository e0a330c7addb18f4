import { createHash } from "node:crypto";
import type { FlowDefinition } from "../definition.ts";
import type { Journal } from "./journal.ts";
import { canonicalJson } from "./json-difference.ts";

export interface StoredFlow {
  /** sha256 of the canonical JSON, hex */
  hash: string;
  json: string;
  definition: FlowDefinition;
}

/** Definitions by content, so that an execution keeps the one it started with whatever becomes of the file. */
export class FlowStore {
  private readonly journal: Journal;
  private readonly byText = new Map<string, StoredFlow>();
  private readonly byHash = new Map<string, StoredFlow>();

  constructor(journal: Journal) {
    this.journal = journal;
  }

  /** The same object for the same content, and a copy: changing the one given changes nothing. */
  intern(definition: FlowDefinition): StoredFlow {
    const text = JSON.stringify(definition);
    const known = this.byText.get(text);
    if (known) return known;
    const hash = hashOf(definition);
    const flow = this.byHash.get(hash) ?? this.keep({ hash, json: text, definition: JSON.parse(text) });
    if (this.byText.size >= 200) this.byText.clear();
    this.byText.set(text, flow);
    return flow;
  }

  load(hash: string): FlowDefinition | undefined {
    const known = this.byHash.get(hash);
    if (known) return known.definition;
    const json = this.journal.definitionJson(hash);
    if (json === undefined) return undefined;
    const definition = readJson(json);
    if (!definition || hashOf(definition) !== hash) return undefined;
    return this.keep({ hash, json, definition }).definition;
  }

  private keep(flow: StoredFlow): StoredFlow {
    if (this.byHash.size >= 200) this.byHash.delete(this.byHash.keys().next().value as string);
    this.byHash.set(flow.hash, flow);
    return flow;
  }
}

function hashOf(definition: FlowDefinition): string {
  return createHash("sha256").update(canonicalJson(definition)).digest("hex");
}

function readJson(text: string): FlowDefinition | undefined {
  try {
    return JSON.parse(text) as FlowDefinition;
  } catch {
    return undefined;
  }
}
