import * as z from "zod";
import { missingOr, strict, text } from "./faults.ts";
import { checkClusters, checkTags, checkTracing, list, rule, stringMap } from "./rule-checks.ts";
import { meshNameFault, portListFault, rangeListFault, VERSION, versionFault } from "./rules.ts";

/** The name of a mesh: `metadata.name`, and `name` in the short form. */
export const meshName = text("a name such as my-mesh")
  .superRefine(rule(meshNameFault))
  .meta({ minLength: 4, maxLength: 64, pattern: "^[a-z][a-z0-9-]*[a-z0-9]$" });

export const meshVersion = text("a version such as 1.18.7-r5")
  .superRefine(rule(versionFault))
  .meta({ pattern: VERSION.source });

export const zipkinPort = z
  .int({
    error: (issue) => missingOr(issue.input, "the port of Zipkin, such as 9411", "must be a whole number"),
  })
  .min(1, "must be a port from 1 to 65535")
  .max(65535, "must be a port from 1 to 65535");

/** Percent of the requests that are traced; the reference gives no range, a percentage has one. */
export const samplingPercentage = z
  .number("must be a number from 0 to 100")
  .min(0, "must be a number from 0 to 100")
  .max(100, "must be a number from 0 to 100");

const ports = text("ports such as 80,443").superRefine(rule(portListFault)).optional();
const ranges = text("IP ranges such as 10.247.0.0/16").superRefine(rule(rangeListFault)).optional();

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
      .min(1, "must name at least one CCE node id"),
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
      .min(1, "must name at least one namespace; leave injection out to inject nowhere"),
  },
  "key, operator and values",
);

const cluster = strict(
  {
    clusterID: text("the CCE cluster id"),
    installation: strict(
      { nodes: strict({ fieldSelector: nodeSelector }, "a fieldSelector") },
      "where the mesh's components are installed (nodes)",
    ),
    injection: strict(
      { namespaces: strict({ fieldSelector: namespaceSelector }, "a fieldSelector") },
      "the namespaces that get sidecars",
    ).optional(),
  },
  "a cluster with clusterID and installation",
  {
    id: "is not a known field; did you mean clusterID?",
    nodes: "belongs in installation.nodes.fieldSelector.values",
    namespaces: "belongs in injection.namespaces.fieldSelector.values",
    projectID: "belongs to the legacy dialect, which adds it by itself; leave it out",
  },
);

const proxyConfig = strict(
  {
    includeIPRanges: ranges,
    excludeIPRanges: ranges,
    includeOutboundPorts: ports,
    excludeOutboundPorts: ports,
    includeInboundPorts: ports,
    excludeInboundPorts: ports,
  },
  "the proxy's settings",
);

const tracing = strict(
  {
    randomSamplingPercentage: samplingPercentage.optional(),
    defaultProviders: z.array(text("the name of a provider"), "must be a list of provider names").optional(),
    extensionProviders: z
      .array(
        strict(
          {
            name: text("the name of the provider"),
            zipkin: strict({ service: text("the address of Zipkin"), port: zipkinPort }, "service and port"),
          },
          "a provider with name and zipkin",
        ),
        "must be a list of providers",
      )
      .optional(),
  },
  "the settings of tracing",
).superRefine(
  checkTracing({
    names: (value) =>
      list(value.extensionProviders).map((provider) => (provider as { name?: unknown } | null)?.name),
    defaults: (value) => value.defaultProviders,
    namesPath: (i) => ["extensionProviders", i, "name"],
    defaultsPath: (i) => ["defaultProviders", i],
    where: "extensionProviders",
  }),
  { when: () => true },
);

const telemetryConfig = strict(
  {
    metrics: strict(
      {
        aom: z
          .array(strict({ instanceID: text("the AOM instance id") }, "an instanceID"), "must be a list")
          .optional(),
      },
      "the settings of metrics (aom)",
    ).optional(),
    accessLogging: strict(
      {
        lts: z
          .array(
            strict(
              { logGroupID: text("the LTS log group id"), logStreamID: text("the LTS log stream id") },
              "logGroupID and logStreamID",
            ),
            "must be a list",
          )
          .optional(),
      },
      "the settings of access logs (lts)",
    ).optional(),
    tracing: tracing.optional(),
  },
  "the settings of metrics, accessLogging and tracing",
);

/** Tags as the API takes them. */
export const tagList = z
  .array(
    strict(
      {
        key: z.string({ error: (issue) => missingOr(issue.input, "the tag's key", "must be a text") }),
        value: z.string({
          error: (issue) => missingOr(issue.input, "the tag's value, which may be empty", "must be a text"),
        }),
      },
      "a tag with key and value",
    ),
    "must be a list of tags, each with key and value",
  )
  .superRefine(checkTags, { when: () => true });

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
      {
        name: meshName,
        labels: stringMap.optional(),
        annotations: stringMap.optional(),
      },
      "the mesh's name, labels and annotations",
      { uid: readOnly, creationTimestamp: readOnly },
    ),
    spec: strict(
      {
        type: z.literal("InCluster", {
          error: (issue) =>
            missingOr(issue.input, "always InCluster", 'must be "InCluster", the Basic edition'),
        }),
        version: meshVersion.optional(),
        extendParams: strict(
          {
            clusters: z
              .array(cluster, {
                error: (issue) =>
                  missingOr(issue.input, "a list of one cluster", "must be a list of clusters"),
              })
              .superRefine(checkClusters, { when: () => true })
              .meta({ minItems: 1, maxItems: 1 }),
          },
          "the clusters",
        ),
        config: strict(
          { proxyConfig: proxyConfig.optional(), telemetryConfig: telemetryConfig.optional() },
          "proxyConfig and telemetryConfig",
        ).optional(),
        ipv6Enable: z.boolean("must be true or false").optional(),
        tags: tagList.optional(),
      },
      "the mesh's type, version and extendParams",
      { region: "belongs to the legacy dialect, which adds it by itself; leave it out" },
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
const orNull = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);

const received = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    uid: orNull(z.string()),
    creationTimestamp: orNull(z.string()),
  }),
  spec: orNull(
    z.looseObject({
      type: orNull(z.string()),
      version: orNull(z.string()),
      extendParams: orNull(
        z.looseObject({ clusters: orNull(z.array(z.looseObject({ clusterID: orNull(z.string()) }))) }),
      ),
    }),
  ),
  status: orNull(z.looseObject({ phase: orNull(z.string()), updateTimestamp: orNull(z.string()) })),
});

/** Loose schema of an answer with one mesh (ShowMesh, DeleteMesh, items of ListMeshes). */
export const mesh = received as unknown as z.ZodType<Mesh>;

/** A create answer is of no use without the uid: it then counts as not understood, and is reconciled. */
export const createdMesh = received.refine((answer) => Boolean(answer.metadata.uid), {
  path: ["metadata", "uid"],
  error: "is missing",
}) as unknown as z.ZodType<Mesh>;

/** Loose schema of ListMeshes; an empty list may come as `[]`, `null` or no `items` at all. */
export const meshList = z
  .looseObject({ items: orNull(z.array(mesh)) })
  .transform((answer) => answer.items ?? []) as unknown as z.ZodType<Mesh[]>;
