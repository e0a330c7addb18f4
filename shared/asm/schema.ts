import * as z from "zod/mini";
import { meshConfig } from "./config-schema.ts";
import { missingOr, strict, text } from "./faults.ts";
import { meshName, meshVersion, stringMap, tagList } from "./fields.ts";
import { checkClusters } from "./rule-checks.ts";

const operator = z.literal("In", {
  error: (issue) => missingOr(issue.input, "always In", 'must be "In", the only operator'),
});

const nodeSelector = strict(
  {
    key: z.literal("UID", {
      error: (issue) =>
        missingOr(issue.input, "always UID", 'must be "UID": nodes are chosen by CCE node id'),
    }),
    operator,
    values: z
      .array(text("a CCE node id"), {
        error: (issue) => missingOr(issue.input, "a list of CCE node ids", "must be a list of CCE node ids"),
      })
      .check(z.minLength(1, "must name at least one CCE node id")),
  },
  "key, operator and values",
);

const namespaceSelector = strict(
  {
    key: z.enum(["Name", "UID"], {
      error: (issue) =>
        missingOr(issue.input, "always Name", 'must be "Name": namespaces are chosen by their name'),
    }),
    operator,
    values: z
      .array(text("a namespace name"), {
        error: (issue) => missingOr(issue.input, "a list of namespaces", "must be a list of namespaces"),
      })
      .check(z.minLength(1, "must name at least one namespace; leave injection out to inject nowhere")),
  },
  "key, operator and values",
);

const legacyOnly = "belongs to the legacy dialect, which adds it by itself; leave it out";

const cluster = strict(
  {
    clusterID: text("the CCE cluster id"),
    installation: strict(
      { nodes: strict({ fieldSelector: nodeSelector }, "a fieldSelector") },
      "where the mesh's components are installed (nodes)",
    ),
    injection: z.optional(
      strict(
        { namespaces: strict({ fieldSelector: namespaceSelector }, "a fieldSelector") },
        "the namespaces that get sidecars",
      ),
    ),
  },
  "a cluster with clusterID and installation",
  {
    id: "is not a known field; did you mean clusterID?",
    nodes: "belongs in installation.nodes.fieldSelector.values",
    namespaces: "belongs in injection.namespaces.fieldSelector.values",
    projectID: legacyOnly,
  },
);

const clusters = z
  .array(cluster, {
    error: (issue) => missingOr(issue.input, "a list of one cluster", "must be a list of clusters"),
  })
  .check(z.superRefine(checkClusters, { when: () => true }), z.meta({ minItems: 1, maxItems: 1 }));

const readOnly = "is set by the service and cannot be chosen; leave it out";

/** The body of CreateMesh, strictly as documented (ASM API reference, tables 4-4 to 4-21, and its definition). */
export const meshSpecToSend = strict(
  {
    apiVersion: z.literal("v1", {
      error: (issue) => missingOr(issue.input, "always v1", 'must be "v1"'),
    }),
    kind: z.enum(["Mesh", "mesh"], {
      error: (issue) => missingOr(issue.input, "always Mesh", 'must be "Mesh"'),
    }),
    metadata: strict(
      { name: meshName, labels: z.optional(stringMap), annotations: z.optional(stringMap) },
      "the mesh's name, labels and annotations",
      { uid: readOnly, creationTimestamp: readOnly },
    ),
    spec: strict(
      {
        type: z.literal("InCluster", {
          error: (issue) =>
            missingOr(issue.input, "always InCluster", 'must be "InCluster", the Basic edition'),
        }),
        version: z.optional(meshVersion),
        extendParams: strict({ clusters }, "the clusters"),
        config: z.optional(meshConfig),
        ipv6Enable: z.optional(z.boolean("must be true or false")),
        tags: z.optional(tagList),
      },
      "the mesh's type, version and extendParams",
      { region: legacyOnly },
    ),
  },
  "a mesh",
  {
    status: readOnly,
    name: "belongs in metadata.name",
    clusters: "belongs in spec.extendParams.clusters",
    version: "belongs in spec.version",
    tags: "belongs in spec.tags",
    labels: "belongs in metadata.labels",
    annotations: "belongs in metadata.annotations",
  },
);

/** The body of CreateMesh: what {@link meshSpecToSend} has let through. */
export type MeshBody = z.infer<typeof meshSpecToSend>;

/**
 * A mesh as the service answers it. Only what meshflow reads is typed; everything else survives untouched:
 * fields of older dialects, fields and phases that are not known yet.
 */
export interface Mesh {
  apiVersion?: string | undefined;
  kind?: string | undefined;
  metadata: {
    name: string;
    uid?: string | undefined;
    creationTimestamp?: string | undefined;
    [key: string]: unknown;
  };
  spec?:
    | {
        type?: string | undefined;
        version?: string | undefined;
        extendParams?:
          | {
              clusters?: { clusterID?: string | undefined; [key: string]: unknown }[] | undefined;
              [key: string]: unknown;
            }
          | undefined;
        [key: string]: unknown;
      }
    | undefined;
  status?:
    | { phase?: string | undefined; updateTimestamp?: string | undefined; [key: string]: unknown }
    | undefined;
  [key: string]: unknown;
}

/** Reads `null` as absent. */
function orNull<T extends z.ZodMiniType>(schema: T) {
  return z.pipe(
    z.nullish(schema),
    z.transform((value) => value ?? undefined),
  );
}

const string = z.string("is no text");

function loose<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.looseObject(shape, "is no object");
}

const received = loose({
  metadata: loose({ name: string, uid: orNull(string), creationTimestamp: orNull(string) }),
  spec: orNull(
    loose({
      type: orNull(string),
      version: orNull(string),
      extendParams: orNull(
        loose({ clusters: orNull(z.array(loose({ clusterID: orNull(string) }), "is no list")) }),
      ),
    }),
  ),
  status: orNull(loose({ phase: orNull(string), updateTimestamp: orNull(string) })),
});

/** Loose schema of an answer with one mesh (ShowMesh, DeleteMesh, items of ListMeshes). */
export const mesh = received as unknown as z.ZodMiniType<Mesh>;

/** A create answer is of no use without the uid: it then counts as not understood, and is reconciled. */
export const createdMesh = received.check(
  z.refine((answer) => Boolean(answer.metadata.uid), { path: ["metadata", "uid"], error: "is missing" }),
) as unknown as z.ZodMiniType<Mesh>;

/** Loose schema of ListMeshes; an empty list may come as `[]`, `null` or no `items` at all. */
export const meshList = z.pipe(
  loose({ items: orNull(z.array(received, "is no list")) }),
  z.transform((answer) => answer.items ?? []),
) as unknown as z.ZodMiniType<Mesh[]>;
