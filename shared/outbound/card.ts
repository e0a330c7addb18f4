import { describeObserved, type MeshSummary, type StepResult } from "../request/step-result.ts";

export type CardOutcome = "in_progress" | "succeeded" | "failed" | "timed_out" | "cancelled";

/** What every channel says about a run, before it is put in the channel's own words. */
export interface Card {
  op: "create" | "delete";
  outcome: CardOutcome;
  runId: string;
  mesh: { name: string; uid?: string; phase?: string; version?: string };
  region: string;
  attempt: number;
  elapsedMs: number;
  /** Huawei's request id of the answer that decided the outcome. */
  requestId?: string;
  error?: { code: string; message: string };
  actor: string;
  links: { console?: string; logs?: string };
  /** How often each phase was seen while waiting. */
  observed?: Record<string, number>;
  warnings?: string[];
  /** Likely cause of a failure and what to do about it. */
  hint?: string;
  /** The command to type next. */
  next?: string;
}

export interface CardContext {
  outcome: CardOutcome;
  runId: string;
  region: string;
  now: number;
  attempt?: number;
  links?: Card["links"];
}

/** What a card is made of; all of it may be missing, since a refused request has a card too. */
export interface CardSource {
  request?: {
    action?: string;
    mesh?: unknown;
    requestedAt?: string;
    actor?: { source?: string; id?: string; name?: string };
  };
  mesh?: Partial<MeshSummary> | undefined;
  statusCode?: number | undefined;
  error?: StepResult["error"] | undefined;
  observed?: Record<string, number> | undefined;
  warnings?: string[] | undefined;
}

/**
 * The card of a run's end (or of its beginning), from the result of its last step. Never throws. Everything in it
 * is cut to a length that every channel takes: a message that is refused for its size tells nobody anything.
 */
export function cardFor(source: CardSource, context: CardContext): Card {
  const { request = {}, error } = source;
  const op = request.action === "delete" ? "delete" : "create";
  const mesh = meshOf(source);
  const requestedAt = Date.parse(request.requestedAt ?? "");
  const runId = cut(context.runId, limits.word);
  const command = nextCommand(op, mesh, source.statusCode, { outcome: context.outcome, runId });
  // it is meant to be pasted into a shell, and names and ids come from outside
  const next = command !== undefined && /^[\w .-]+$/.test(command) ? command : undefined;
  const console = consoleLink(context.region, mesh.uid);
  const observed = Object.entries(source.observed ?? {})
    .slice(0, limits.list)
    .map(([what, count]) => [cut(what, limits.word), count] as const);
  const warnings = (source.warnings ?? []).slice(0, limits.list).map((each) => cut(each, limits.text));
  return {
    op,
    outcome: context.outcome,
    runId,
    mesh,
    region: context.region,
    attempt: context.attempt ?? 1,
    elapsedMs: Number.isNaN(requestedAt) ? 0 : Math.max(0, context.now - requestedAt),
    ...(error?.requestId && { requestId: cut(error.requestId, limits.word) }),
    ...(error && {
      error: { code: cut(error.code, limits.word), message: cut(error.message, limits.message) },
    }),
    actor: cut(actorOf(request.actor), limits.word),
    links: context.links ?? (console === undefined ? {} : { console }),
    ...(observed.length > 0 && { observed: Object.fromEntries(observed) }),
    ...(warnings.length > 0 && { warnings }),
    ...(error?.hint && { hint: cut(error.hint, limits.text) }),
    ...(next && { next }),
  };
}

/** The event's name in messages that programs read: `mesh.create.succeeded`. */
export function eventType(card: Card): string {
  return `mesh.${card.op}.${card.outcome}`;
}

/** `Mesh create failed: prod-mesh`, always on one line. */
export function cardTitle(card: Card): string {
  return oneLine(`Mesh ${card.op} ${outcomeWords[card.outcome]}: ${card.mesh.name}`);
}

/** The card's rows in the order in which every channel shows them, empty ones left out, values on one line. */
export function cardRows(card: Card): [key: string, value: string][] {
  const rows: [string, string | undefined][] = [
    ["Phase", card.mesh.phase],
    ["Region", card.region],
    ["Mesh uid", card.mesh.uid],
    ["Version", card.mesh.version],
    ["Elapsed", formatElapsed(card.elapsedMs)],
    ["Attempt", String(card.attempt)],
    ["Error", card.error && `${card.error.code} ${card.error.message}`],
    ["Request id", card.requestId],
    ["Run", card.runId],
    ["By", card.actor],
    ["Seen", card.observed && describeObserved(card.observed)],
    ...(card.warnings ?? []).map((warning): [string, string] => ["Warning", warning]),
    ["Hint", card.hint],
    ["Next", card.next],
  ];
  return rows.flatMap(([key, value]) => (value ? [[key, oneLine(value)] as [string, string]] : []));
}

/** Cuts to `limit` characters without tearing one apart. */
export function cut(text: string, limit: number): string {
  return text.length <= limit ? text : text.slice(0, limit).replace(/[\uD800-\uDBFF]$/u, "");
}

/** In characters and entries. */
const limits = { word: 200, text: 500, message: 2000, list: 10 };

const outcomeWords: Record<CardOutcome, string> = {
  in_progress: "in progress",
  succeeded: "succeeded",
  failed: "failed",
  timed_out: "timed out",
  cancelled: "cancelled",
};

function meshOf({ request, mesh }: CardSource): Card["mesh"] {
  const wanted = record(request?.mesh);
  const name = mesh?.name ?? text(wanted.name) ?? text(record(wanted.metadata).name);
  const uid = mesh?.uid ?? text(wanted.uid);
  const version = mesh?.version ?? text(wanted.version) ?? text(record(wanted.spec).version);
  return {
    name: cut(name ?? uid ?? "(unnamed)", limits.word),
    ...(uid && { uid: cut(uid, limits.word) }),
    ...(mesh?.phase && { phase: cut(mesh.phase, limits.word) }),
    ...(version && { version: cut(version, limits.word) }),
  };
}

/** What a person types next: clean up what failed, look at what may still end, go on with what was cut off. */
function nextCommand(
  op: Card["op"],
  mesh: Card["mesh"],
  statusCode: number | undefined,
  { outcome, runId }: Pick<CardContext, "outcome" | "runId">,
): string | undefined {
  const target = mesh.uid ?? mesh.name;
  if (outcome === "timed_out") return `meshflow status ${target}`;
  if (outcome === "cancelled") return op === "create" && mesh.uid ? `meshflow delete ${mesh.uid}` : undefined;
  if (outcome !== "failed") return undefined;
  if (statusCode === 422 && op === "create" && mesh.uid) return `meshflow delete ${mesh.uid}`;
  if (statusCode === 422 || statusCode === 503) return `meshflow retry ${runId}`;
  return undefined;
}

/** `chat:U2CERLKJA (roadrunner)` */
function actorOf(actor: { source?: string; id?: string; name?: string } = {}): string {
  const who = [actor.source, actor.id].filter(Boolean).join(":");
  return actor.name ? `${who} (${actor.name})`.trim() : who || "unknown";
}

function consoleLink(region: string, uid: string | undefined): string | undefined {
  if (region === "" || uid === undefined) return undefined;
  return `https://console.huaweicloud.com/asm/?region=${encodeURIComponent(region)}#/mesh/${encodeURIComponent(uid)}`;
}

/** Whole seconds: `4s` below a minute, else `12m 34s`. */
function formatElapsed(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
}

/** Line breaks, a terminal's escapes, a mail's header ends and what turns the direction of text become one space. */
export function oneLine(value: string): string {
  return value.replace(/[\p{Cc}\u2028-\u202E\u2066-\u2069]+/gu, " ").trim();
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
