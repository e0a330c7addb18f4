import { validateMesh } from "./asm-validate.ts";
import type { ActiveFault } from "./faults.ts";
import { type Answer, json, parseObject, type Received } from "./http.ts";
import { clusterIds, type MeshStore, meshAnswer, type StoredMesh } from "./mesh-store.ts";
import type { Route } from "./routes.ts";
import type { Settings } from "./settings.ts";

export interface AsmCall {
  received: Received;
  route: Route;
  projectId: string;
  domainId: string;
  /** What is to become of the mesh, on request. */
  fate?: ActiveFault["fault"] | undefined;
}

/** ASM itself, behind the gateway: four operations on a store of meshes. */
export class Asm {
  readonly #store: MeshStore;
  readonly #settings: Settings;

  constructor(store: MeshStore, settings: Settings) {
    this.#store = store;
    this.#settings = settings;
  }

  answer(call: AsmCall): Answer {
    switch (call.route.operation) {
      case "CreateMesh":
        return this.#create(call);
      case "ListMeshes":
        return this.#list(call);
      case "ShowMesh":
        return this.#show(call);
      default:
        return this.#delete(call);
    }
  }

  #create({ received, route, projectId, domainId, fate }: AsmCall): Answer {
    const contentType = received.header("content-type") ?? "";
    if (!/^application\/json(;\s*charset=utf-?8)?$/i.test(contentType)) {
      return asmError("invalid", "Content-Type must be application/json");
    }
    const body = parseObject(received.body);
    if (!body) return asmError("invalid", "the body is not a JSON object");
    const { requireVersion, latestVersion, quotas } = this.#settings;
    const faults = validateMesh(body, { legacy: route.legacy, requireVersion, latestVersion });
    if (faults.length > 0) return asmError("invalid", faults.join("; "));
    const { name } = body.metadata as { name: string };
    const nameKey = this.#nameKey(projectId, name);
    if (this.#store.holder(nameKey)) return asmError("exists");
    if (this.#settings.oneMeshPerCluster && clusterIds({ body }).some((id) => this.#store.ofCluster(id))) {
      return asmError("exists", "the cluster belongs to a mesh");
    }
    if (quotas.meshes !== undefined && this.#store.count(projectId) >= quotas.meshes) {
      return asmError("forbidden", `the mesh quota of ${quotas.meshes} is used up`);
    }
    const version = chosenVersion((body.spec as { version?: string }).version, latestVersion);
    const mesh = this.#store.add({ projectId, name, body, version, legacy: route.legacy }, nameKey);
    const turn = this.#store.turn(mesh, "Creating", ...this.#future(fate));
    return json(201, meshAnswer(mesh, turn, "CreateMesh", domainId));
  }

  #future(fate: AsmCall["fate"]): { afterMs: number; phase: string }[] {
    const afterMs = this.#settings.creatingMs;
    if (fate === "stuck") return [];
    if (fate === "create-failed") return [{ afterMs, phase: "CreateFailed" }];
    if (fate === "vanish") return [{ afterMs, phase: "gone" }];
    return [{ afterMs, phase: "Running" }];
  }

  #list({ projectId, domainId }: AsmCall): Answer {
    const visible = this.#store.visible(projectId, this.#settings.listDelayMs);
    const envelope = { kind: "MeshList", apiVersion: "v1" };
    if (visible.length === 0) {
      const items = { array: { items: [] }, null: { items: null }, absent: {} }[this.#settings.emptyList];
      return json(200, { ...envelope, ...items });
    }
    const items = visible.map(({ mesh, turn }) => {
      if (mesh.listed?.turn !== turn) {
        mesh.listed = { turn, text: JSON.stringify(meshAnswer(mesh, turn, "ListMeshes", domainId)) };
      }
      return mesh.listed.text;
    });
    return {
      ...json(200, envelope),
      body: `{"kind":"MeshList","apiVersion":"v1","items":[${items.join(",")}]}`,
    };
  }

  #show({ route, projectId, domainId }: AsmCall): Answer {
    const mesh = this.#find(route.meshId, projectId);
    const turn = mesh && this.#store.view(mesh, this.#settings.getDelayMs);
    return mesh && turn ? json(200, meshAnswer(mesh, turn, "ShowMesh", domainId)) : asmError("missing");
  }

  #delete({ route, projectId, domainId, fate }: AsmCall): Answer {
    const mesh = this.#find(route.meshId, projectId);
    const phase = mesh && this.#store.view(mesh)?.phase;
    if (!mesh || !phase) return asmError("missing");
    if (phase === "Creating") {
      if (this.#settings.deleteWhileCreating === "conflict")
        return asmError("exists", "the mesh is Creating");
      if (this.#settings.deleteWhileCreating === "locked") return asmError("locked");
    }
    const turn = phase === "Deleting" ? this.#store.view(mesh) : this.#startDelete(mesh, fate);
    return turn ? json(200, meshAnswer(mesh, turn, "DeleteMesh", domainId)) : asmError("missing");
  }

  #startDelete(mesh: StoredMesh, fate: AsmCall["fate"]) {
    if (fate === "stuck") return this.#store.turn(mesh, "Deleting");
    const phase = fate === "delete-failed" ? "DeleteFailed" : "gone";
    return this.#store.turn(mesh, "Deleting", { afterMs: this.#settings.deletingMs, phase });
  }

  #find(uid: string | undefined, projectId: string): StoredMesh | undefined {
    const mesh = uid === undefined ? undefined : this.#store.find(uid);
    return mesh?.projectId === projectId ? mesh : undefined;
  }

  #nameKey(projectId: string, name: string): string {
    return this.#settings.nameScope === "account" ? name : `${projectId}/${name}`;
  }
}

const asmErrors = {
  invalid: [400, "ASM.01400001", "Invalid request."],
  unauthorized: [401, "ASM.01401001", "Authorization failed."],
  forbidden: [403, "ASM.01403001", "Forbidden."],
  missing: [404, "ASM.01404001", "Resource not found."],
  exists: [409, "ASM.01409001", "The resource already exists."],
  locked: [429, "ASM.01429001", "Resource locked by other requests."],
  internal: [500, "ASM.01500001", "Internal error."],
} as const;

/** An error of ASM (API reference, table 5-2) in its own shape: `errorCode` and `errorMsg`, of at most 512 characters. */
export function asmError(kind: keyof typeof asmErrors, detail?: string): Answer {
  const [status, errorCode, text] = asmErrors[kind];
  const errorMsg = (detail === undefined ? text : `${text} ${detail}`).slice(0, 512);
  return json(status, { errorCode, errorMsg });
}

/** The version a mesh gets: without `v`; the newest release where the request left that open. */
function chosenVersion(asked: string | undefined, latest: string): string {
  if (asked === undefined) return latest;
  const version = asked.replace(/^v/, "");
  if (/-r\d+$/.test(version)) return version;
  return latest.startsWith(`${version}.`) || latest.startsWith(`${version}-`) ? latest : version;
}
