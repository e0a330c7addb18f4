import type { Mesh } from "../asm/schema.ts";
import type { MeshRequest } from "./mesh-request.ts";

/** The one flat object that every function in a flow returns; `statusCode` is what flows test. */
export interface StepResult {
  statusCode: number;
  request: MeshRequest;
  mesh?: MeshSummary;
  error?: StepError;
  /** What poll-status saw and how often: phases, `notFound`, `unreachable`. */
  observed?: Record<string, number>;
  warnings?: string[];
  deliveries?: Delivery[];
  [key: string]: unknown;
}

export interface StepError {
  code: string;
  message: string;
  /** Huawei's request id. */
  requestId?: string;
  /** What to do next. */
  hint?: string;
}

/** What a flow carries and a card shows of a mesh. */
export interface MeshSummary {
  name: string;
  uid?: string;
  phase?: string;
  version?: string;
  clusters?: string[];
  createdAt?: string;
  updatedAt?: string;
}

export interface Delivery {
  destination: string;
  status: "delivered" | "failed";
  messageId: string;
  at: string;
  detail?: string;
}

type Details = Omit<Partial<StepResult>, "statusCode" | "request">;
type Failure = Details & { error: StepError };

/** Permanent failures: invalid, not allowed, not found, name taken, vanished, the mesh itself failed. */
export type PermanentStatus = 400 | 401 | 403 | 404 | 409 | 410 | 422;

/** Builders of {@link StepResult}; each echoes the request, since a flow keeps no memory of earlier states. */
export const stepResult = {
  /** 200: this step has reached its goal. */
  ok: (request: MeshRequest, details: Details = {}): StepResult => result(200, request, details),
  /** 202: ask again later; not an error. */
  pending: (request: MeshRequest, details: Details = {}): StepResult => result(202, request, details),
  /** 4xx: no retry will help. */
  permanent: (request: MeshRequest, statusCode: PermanentStatus, details: Failure): StepResult =>
    result(statusCode, request, details),
  /** 503: may pass, after this function's own retries; the flow may try the state again. */
  transient: (request: MeshRequest, details: Failure): StepResult => result(503, request, details),
  /** 504: the request's deadline has passed. */
  expired: (request: MeshRequest, details: Failure): StepResult => result(504, request, details),
};

function result(statusCode: number, request: MeshRequest, details: Details): StepResult {
  const kept = Object.entries(details).filter(([, value]) => value !== undefined);
  return { statusCode, request, ...Object.fromEntries(kept) };
}

/** The parts of a mesh that a flow carries. */
export function summariseMesh(mesh: Mesh): MeshSummary {
  const clusters = mesh.spec?.extendParams?.clusters?.flatMap(({ clusterID }) => clusterID ?? []);
  const fields = {
    uid: mesh.metadata.uid,
    phase: mesh.status?.phase,
    version: mesh.spec?.version,
    clusters: clusters?.length ? clusters : undefined,
    createdAt: mesh.metadata.creationTimestamp,
    updatedAt: mesh.status?.updateTimestamp,
  };
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  return { name: mesh.metadata.name, ...Object.fromEntries(known) };
}

/** `{ Creating: 12, unreachable: 1 }` → `Creating 12 times, unreachable once`. */
export function describeObserved(observed: Record<string, number>): string {
  return Object.entries(observed)
    .map(([what, count]) => `${what} ${count === 1 ? "once" : count === 2 ? "twice" : `${count} times`}`)
    .join(", ");
}
