import * as z from "zod";
import { missingOr, strict, text } from "./faults.ts";
import { checkClusters, checkTagMap, checkTracing, list, rule, stringMap } from "./rule-checks.ts";
import { portFault, rangeFault } from "./rules.ts";
import { meshName, meshVersion, samplingPercentage, tagList, zipkinPort } from "./schema.ts";

/** One or a list of them. */
function oneOrMore<T extends z.ZodType>(schema: T, what: string) {
  return z.union([schema, z.array(schema)], {
    error: (issue) => missingOr(issue.input, what, `must be ${what}`),
  });
}

/** Each of one or more values, comma-separated or listed, must keep the rule. */
function each(fault: (item: string) => string | undefined) {
  return rule((value: unknown) => {
    const parts = (Array.isArray(value) ? value : [value]).flatMap((part) => String(part).split(","));
    const faults = parts.flatMap((part) => fault(part.trim()) ?? []);
    return faults.length > 0 ? faults.join("; ") : undefined;
  });
}

const ports = oneOrMore(
  z.union([z.string(), z.number()], "must be a port from 1 to 65535"),
  'ports such as "80,443" or [80, 443]',
)
  .superRefine(each(portFault))
  .optional();

const ranges = oneOrMore(z.string(), 'IP ranges such as "10.247.0.0/16", one or a list')
  .superRefine(each(rangeFault))
  .optional();

const cluster = strict(
  {
    id: text("the CCE cluster id"),
    nodes: oneOrMore(text("a CCE node id"), "CCE node ids, one or a list").refine(
      (value) => !Array.isArray(value) || value.length > 0,
      "must name at least one CCE node id",
    ),
    namespaces: oneOrMore(text("a namespace name"), "namespaces, one or a list").optional(),
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
    name: text("the name of the provider").optional(),
    service: text("the address of Zipkin"),
    port: zipkinPort,
  },
  "service and port of Zipkin",
);

const tracing = strict(
  {
    sampling: samplingPercentage.optional(),
    zipkin: oneOrMore(zipkin, "service and port of Zipkin").optional(),
    providers: z.array(text("the name of a provider"), "must be a list of provider names").optional(),
  },
  "sampling, zipkin and providers",
  {
    randomSamplingPercentage: "is called sampling in the short form",
    defaultProviders: "is called providers in the short form",
    extensionProviders: "is called zipkin in the short form",
  },
).superRefine(
  checkTracing({
    names: (value) =>
      zipkins(value.zipkin).map((one) => (one as { name?: unknown } | null)?.name ?? "zipkin"),
    defaults: (value) => value.providers,
    namesPath: (i) => ["zipkin", i, "name"],
    defaultsPath: (i) => ["providers", i],
    where: "zipkin entries",
  }),
  { when: () => true },
);

function zipkins(value: unknown): readonly unknown[] {
  return value === undefined || Array.isArray(value) ? list(value) : [value];
}

/**
 * The short form of a mesh, for people. Lists of one may be written as the one.
 * `metrics`: AOM instance ids. `accessLogging`: LTS log group and stream ids. `tracing.sampling`: percent.
 * `tracing.zipkin`: own Zipkin servers (name `zipkin` unless given); traces go to all of them, or to `providers`,
 * which may also name the preset `apm-otel`.
 */
export const shortMesh = strict(
  {
    name: meshName,
    version: meshVersion.optional(),
    clusters: z
      .array(cluster, {
        error: (issue) => missingOr(issue.input, "a list of one cluster with id and nodes", "must be a list"),
      })
      .superRefine(checkClusters, { when: () => true })
      .meta({ minItems: 1, maxItems: 1 }),
    ipv6: z.boolean("must be true or false").optional(),
    labels: stringMap.optional(),
    annotations: stringMap.optional(),
    tags: z
      .union([stringMap.superRefine(checkTagMap, { when: () => true }), tagList], {
        error: "must be tags: { team: payments } or a list with key and value",
      })
      .optional(),
    proxy: strict(
      {
        includeIPRanges: ranges,
        excludeIPRanges: ranges,
        includeOutboundPorts: ports,
        excludeOutboundPorts: ports,
        includeInboundPorts: ports,
        excludeInboundPorts: ports,
      },
      "the proxy's settings",
    ).optional(),
    metrics: oneOrMore(text("an AOM instance id"), "AOM instance ids, one or a list").optional(),
    accessLogging: oneOrMore(
      strict(
        { group: text("the LTS log group id"), stream: text("the LTS log stream id") },
        "group and stream",
        {
          logGroupID: "is called group in the short form",
          logStreamID: "is called stream in the short form",
        },
      ),
      "LTS logs with group and stream, one or a list",
    ).optional(),
    tracing: tracing.optional(),
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
