import type { Received } from "./http.ts";

export const operations = [
  "CreateMesh",
  "ShowMesh",
  "ListMeshes",
  "DeleteMesh",
  "KeystoneCreateUserTokenByPassword",
  "PublishMessage",
  "Sink",
] as const;

export type Operation = (typeof operations)[number];

export interface Route {
  operation: Operation;
  /** Which of the gateway's budgets the call counts against. */
  kind: "read" | "write";
  /** False where the gateway lets anybody in. */
  authenticated: boolean;
  /** The dialect of `/v1/meshes` with X-Apply-ProjectID. */
  legacy: boolean;
  projectId?: string;
  meshId?: string;
  topicUrn?: string;
  sink?: string;
}

/** Finds the API a request is for; undefined is the gateway's "does not exist" (wrong path or method). */
export function findRoute(received: Received): Route | undefined {
  const segments = received.path.replace(/\/$/, "").split("/").slice(1).map(decodeSegment);
  if (segments.includes("")) return undefined;
  const [first, second, third, fourth, fifth, sixth] = segments;
  const { method } = received;
  if (first === "sink" && second !== undefined && method === "POST") {
    return { operation: "Sink", kind: "write", authenticated: false, legacy: false, sink: second };
  }
  if (received.path === "/v3/auth/tokens" && method === "POST") {
    return {
      operation: "KeystoneCreateUserTokenByPassword",
      kind: "write",
      authenticated: false,
      legacy: false,
    };
  }
  if (
    first === "v2" &&
    third === "notifications" &&
    fourth === "topics" &&
    sixth === "publish" &&
    segments.length === 6 &&
    method === "POST"
  ) {
    return {
      operation: "PublishMessage",
      kind: "write",
      authenticated: true,
      legacy: false,
      projectId: second as string,
      topicUrn: fifth as string,
    };
  }
  if (first !== "v1") return undefined;
  if (third === "meshes" && segments.length <= 4) return meshRoute(method, false, fourth, second);
  if (second === "meshes" && segments.length <= 3) {
    return meshRoute(method, true, third, received.header("x-apply-projectid"));
  }
  return undefined;
}

function meshRoute(
  method: string,
  legacy: boolean,
  meshId: string | undefined,
  projectId: string | undefined,
): Route | undefined {
  const common = {
    authenticated: true,
    legacy,
    ...(projectId === undefined ? {} : { projectId }),
    ...(meshId === undefined ? {} : { meshId }),
  };
  if (meshId === undefined) {
    if (method === "POST") return { operation: "CreateMesh", kind: "write", ...common };
    if (method === "GET") return { operation: "ListMeshes", kind: "read", ...common };
  } else {
    if (method === "GET") return { operation: "ShowMesh", kind: "read", ...common };
    if (method === "DELETE") return { operation: "DeleteMesh", kind: "write", ...common };
  }
  return undefined;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
