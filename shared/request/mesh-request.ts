import { randomUUID } from "node:crypto";
import * as z from "zod/mini";
import { expandMesh, InvalidMeshError } from "../asm/expand.ts";
import type { Fault } from "../asm/faults.ts";
import { faultsOf, listFaults, missingOr, strict, text } from "../asm/faults.ts";
import { meshSpecToSend } from "../asm/schema.ts";

/** How long a request may take when it does not say: ASM creates are usually minutes, at worst half an hour. */
export const DEFAULT_DEADLINE_MS = 30 * 60_000;

const time = z.iso.datetime({
  error: (issue) =>
    missingOr(issue.input, "a time in UTC", "must be a time in UTC such as 2026-11-24T08:00:00Z"),
});

const sources = ["cli", "timer", "webhook", "chat", "direct"] as const;

const actor = strict(
  {
    source: z.enum(sources, {
      error: (issue) => missingOr(issue.input, sources.join(", "), `must be one of ${sources.join(", ")}`),
    }),
    id: z.optional(z.string("must be a text")),
    name: z.optional(z.string("must be a text")),
    channel: z.optional(z.string("must be a text")),
  },
  "who asks",
);

const outcomes = ["succeeded", "failed", "timeout", "cancelled"] as const;
const notifyOn = `must be a list of ${outcomes.join(", ")}`;

/** What both kinds of request have beside action and mesh. */
export const requestFields = {
  requestId: z
    .string({ error: (issue) => missingOr(issue.input, "the idempotency key", "must be a text") })
    .check(
      z.minLength(1, "must have 1 to 128 characters"),
      z.maxLength(128, "must have 1 to 128 characters"),
    ),
  requestedAt: time,
  deadline: time,
  actor,
  replyTo: z.optional(z.unknown()),
  notify: z.optional(
    z.looseObject(
      { on: z.optional(z.array(z.enum(outcomes, notifyOn), notifyOn)) },
      "must be an object such as { on: [failed] }",
    ),
  ),
};

/** Which mesh to delete. */
export const meshToDelete = strict(
  { name: z.optional(text("the name of the mesh")), uid: z.optional(text("the uid of the mesh")) },
  "the name or uid of the mesh",
).check(z.refine((mesh) => mesh.name !== undefined || mesh.uid !== undefined, "must have a name or a uid"));

const createRequest = strict(
  { ...requestFields, action: z.literal("create"), mesh: meshSpecToSend },
  "a request to create a mesh",
);
const deleteRequest = strict(
  { ...requestFields, action: z.literal("delete"), mesh: meshToDelete },
  "a request to delete a mesh",
);

/** A request in its final form, as it travels from door to notification; the mesh to create is in full. */
export const meshRequest = z.discriminatedUnion("action", [createRequest, deleteRequest]);

export type CreateRequest = z.infer<typeof createRequest>;
export type DeleteRequest = z.infer<typeof deleteRequest>;
export type MeshRequest = CreateRequest | DeleteRequest;
export type Actor = z.infer<typeof actor>;

/** The request cannot be accepted: every fault in one message, by path. */
export class InvalidRequestError extends Error {
  override readonly name = "InvalidRequestError";
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(`The request is not valid:${listFaults(faults)}`);
    this.faults = faults;
  }
}

export interface RequestDefaults {
  now?: () => number;
  /** Time from `requestedAt` to the deadline, in ms. */
  deadlineMs?: number;
  requestId?: string;
  actor?: Actor;
}

/** Fills what is left out and brings the mesh to create to its full form. Throws {@link InvalidRequestError}. */
export function parseMeshRequest(input: unknown, defaults: RequestDefaults = {}): MeshRequest {
  const parsed = envelope.safeParse(withDefaults(input, defaults));
  const { action, mesh, requestedAt, deadline } = (parsed.data ?? input ?? {}) as Record<string, unknown>;
  const checked = isObject(input) ? checkMesh(action, mesh) : { faults: [] };
  const faults = [...(parsed.success ? [] : faultsOf(parsed.error)), ...checked.faults];
  const timesAreRight = !faults.some(({ path }) => path === "requestedAt" || path === "deadline");
  if (timesAreRight && Date.parse(String(deadline)) <= Date.parse(String(requestedAt)))
    faults.push({ path: "deadline", message: `must be after requestedAt, which is ${requestedAt}` });
  if (faults.length > 0) throw new InvalidRequestError(faults);
  return { ...parsed.data, mesh: checked.mesh } as MeshRequest;
}

const envelope = strict(
  {
    ...requestFields,
    action: z.enum(["create", "delete"], {
      error: (issue) => missingOr(issue.input, "create or delete", 'must be "create" or "delete"'),
    }),
    mesh: z.optional(z.unknown()),
  },
  "a request with action and mesh",
);

function withDefaults(input: unknown, defaults: RequestDefaults): unknown {
  if (!isObject(input)) return input;
  const { now = Date.now, deadlineMs = DEFAULT_DEADLINE_MS, requestId, actor } = defaults;
  const given = input;
  const requestedAt = given.requestedAt ?? new Date(now()).toISOString();
  const start = Date.parse(String(requestedAt));
  return {
    ...given,
    requestId: given.requestId ?? requestId ?? randomUUID(),
    requestedAt,
    deadline:
      given.deadline ?? (Number.isNaN(start) ? undefined : new Date(start + deadlineMs).toISOString()),
    actor: given.actor ?? actor ?? { source: "direct" },
  };
}

/** Checks the mesh by the action; of an unknown action nothing more can be said than that a mesh is there. */
function checkMesh(action: unknown, mesh: unknown): { faults: Fault[]; mesh?: unknown } {
  if (mesh === undefined)
    return { faults: [{ path: "mesh", message: "is missing: the mesh to create or delete" }] };
  if (action !== "create" && action !== "delete") return { faults: [] };
  if (action === "delete") {
    const parsed = meshToDelete.safeParse(mesh);
    return parsed.success ? { faults: [], mesh: parsed.data } : { faults: faultsOf(parsed.error, ["mesh"]) };
  }
  try {
    return { faults: [], mesh: expandMesh(mesh).body };
  } catch (error) {
    if (!(error instanceof InvalidMeshError)) throw error;
    return { faults: error.faults.map(({ path, message }) => ({ path: inMesh(path), message })) };
  }
}

function inMesh(path: string): string {
  return path === "" || path.startsWith("[") ? `mesh${path}` : `mesh.${path}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
