import * as z from "zod/mini";
import { missingOr, strict, text } from "./faults.ts";
import {
  meshName,
  meshVersion,
  providerNames,
  samplingPercentage,
  stringMap,
  tagList,
  zipkinPort,
} from "./fields.ts";
import { checkClusters, checkTagMap, checkTracing, list, rule } from "./rule-checks.ts";
import { portFault, rangeFault } from "./rules.ts";

/** One or a list of them. */
function oneOrMore<T extends z.ZodMiniType>(schema: T, what: string) {
  return z.union([schema, z.array(schema)], {
    error: (issue) => missingOr(issue.input, what, `must be ${what}`),
  });
}

/** Each of one or more values, comma-separated or listed, must keep the rule. */
function each(fault: (item: string) => string | undefined) {
  return z.superRefine(
    rule((value: unknown) => {
      const parts = (Array.isArray(value) ? value : [value]).flatMap((part) => String(part).split(","));
      const faults = parts.flatMap((part) => fault(part.trim()) ?? []);
      return faults.length > 0 ? faults.join("; ") : undefined;
    }),
  );
}

const port = z.union([z.string(), z.number()], "must be a port from 1 to 65535");
const ports = z.optional(oneOrMore(port, 'ports such as "80,443" or [80, 443]').check(each(portFault)));

const ranges = z.optional(
  oneOrMore(z.string("must be a text"), 'IP ranges such as "10.247.0.0/16", one or a list').check(
    each(rangeFault),
  ),
);

const cluster = strict(
  {
    id: text("the CCE cluster id"),
    nodes: oneOrMore(text("a CCE node id"), "CCE node ids, one or a list").check(
      z.refine((value) => !Array.isArray(value) || value.length > 0, "must name at least one CCE node id"),
    ),
    namespaces: z.optional(oneOrMore(text("a namespace name"), "namespaces, one or a list")),
  },
  "a cluster with id and nodes",
  {
    clusterID: "is called id in the short form",
    clusterId: "is called id in the short form",
    installation: "is called nodes in the short form: a list of CCE node ids",
    injection: "is called namespaces in the short form: a list of namespaces",
  },
);

const zipkin = strict(
  {
    name: z.optional(text("the name of the provider")),
    service: text("the address of Zipkin"),
    port: zipkinPort,
  },
  "service and port of Zipkin",
);

const tracing = strict(
  {
    sampling: z.optional(samplingPercentage),
    zipkin: z.optional(oneOrMore(zipkin, "service and port of Zipkin")),
    providers: z.optional(providerNames),
  },
  "sampling, zipkin and providers",
  {
    randomSamplingPercentage: "is called sampling in the short form",
    defaultProviders: "is called providers in the short form",
    extensionProviders: "is called zipkin in the short form",
  },
).check(
  z.superRefine(
    checkTracing({
      names: (value) => zipkins(value.zipkin).map(zipkinName),
      defaults: (value) => value.providers,
      namesPath: (i) => ["zipkin", i, "name"],
      defaultsPath: (i) => ["providers", i],
      where: "zipkin entries",
    }),
    { when: () => true },
  ),
);

function zipkins(value: unknown): readonly unknown[] {
  return value === undefined || Array.isArray(value) ? list(value) : [value];
}

function zipkinName(entry: unknown): unknown {
  return typeof entry === "object" && entry !== null
    ? ((entry as { name?: unknown }).name ?? "zipkin")
    : undefined;
}

const proxy = strict(
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

const log = strict(
  { group: text("the LTS log group id"), stream: text("the LTS log stream id") },
  "group and stream",
  { logGroupID: "is called group in the short form", logStreamID: "is called stream in the short form" },
);

const tagMap = stringMap.check(z.superRefine(checkTagMap, { when: () => true }));

/**
 * The short form of a mesh, for people. Lists of one may be written as the one.
 * `metrics`: AOM instance ids. `accessLogging`: LTS log group and stream ids. `tracing.sampling`: percent.
 * `tracing.zipkin`: own Zipkin servers (name `zipkin` unless given); traces go to all of them, or to `providers`,
 * which may also name the preset `apm-otel`.
 */
export const shortMesh = strict(
  {
    name: meshName,
    version: z.optional(meshVersion),
    clusters: z
      .array(cluster, {
        error: (issue) => missingOr(issue.input, "a list of one cluster with id and nodes", "must be a list"),
      })
      .check(z.superRefine(checkClusters, { when: () => true }), z.meta({ minItems: 1, maxItems: 1 })),
    ipv6: z.optional(z.boolean("must be true or false")),
    labels: z.optional(stringMap),
    annotations: z.optional(stringMap),
    tags: z.optional(
      z.union([tagMap, tagList], "must be tags: { team: payments } or a list with key and value"),
    ),
    proxy: z.optional(proxy),
    metrics: z.optional(oneOrMore(text("an AOM instance id"), "AOM instance ids, one or a list")),
    accessLogging: z.optional(oneOrMore(log, "LTS logs with group and stream, one or a list")),
    tracing: z.optional(tracing),
  },
  "a mesh",
  {
    ipv6Enable: "is called ipv6 in the short form",
    proxyConfig: "is called proxy in the short form",
    telemetryConfig: "is written as metrics, accessLogging and tracing in the short form",
    telemetry: "is written as metrics, accessLogging and tracing in the short form",
    cluster: "is called clusters: a list of one cluster with id and nodes",
    type: "is always InCluster; leave it out",
  },
);

/** What {@link shortMesh} has let through. */
export type ShortMesh = z.infer<typeof shortMesh>;
