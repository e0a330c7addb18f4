import { readFileSync } from "node:fs";
import type { Mesh, MeshBody } from "../../../shared/asm/schema.ts";

/** A sample body of the API reference by file name, fresh each time. */
export function fixture<T = unknown>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../fixtures/asm/${name}.json`, import.meta.url), "utf8")) as T;
}

/** The smallest full body. */
export function body(change: (body: MeshBody) => void = () => {}): MeshBody {
  const made: MeshBody = {
    apiVersion: "v1",
    kind: "Mesh",
    metadata: { name: "payments" },
    spec: {
      type: "InCluster",
      version: "1.18.7-r5",
      extendParams: {
        clusters: [
          {
            clusterID: "cluster-1",
            installation: {
              nodes: { fieldSelector: { key: "UID", operator: "In", values: ["node-1", "node-2"] } },
            },
          },
        ],
      },
    },
  };
  change(made);
  return made;
}

/** A mesh as a list shows it. */
export function listed(
  fields: {
    name?: string;
    uid?: string | undefined;
    createdAt?: string | undefined;
    version?: string | undefined;
    cluster?: string | undefined;
  } = {},
): Mesh {
  const all = {
    name: "payments",
    uid: "uid-1",
    createdAt: "2026-11-24T08:00:10Z",
    version: "1.18.7-r5",
    cluster: "cluster-1",
    ...fields,
  };
  return {
    metadata: { name: all.name, uid: all.uid, creationTimestamp: all.createdAt },
    spec: {
      version: all.version,
      extendParams: { clusters: all.cluster ? [{ clusterID: all.cluster }] : [] },
    },
    status: { phase: "Creating" },
  };
}
