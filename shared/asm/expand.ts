import type { Fault } from "./faults.ts";
import { faultsOf, listFaults } from "./faults.ts";
import type { MeshBody } from "./schema.ts";
import { meshSpecToSend } from "./schema.ts";
import type { ShortMesh } from "./short-mesh.ts";
import { shortMesh } from "./short-mesh.ts";
import { warningsFor } from "./warnings.ts";

/** The mesh cannot be sent: every fault in one message, by path in the words of the form that was used. */
export class InvalidMeshError extends Error {
  override readonly name = "InvalidMeshError";
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(`The mesh is not valid:${listFaults(faults)}`);
    this.faults = faults;
  }
}

/**
 * Full or short form ({@link ShortMesh}) → the body of CreateMesh, with what a person should know before sending it.
 * A full body comes back as it is. Throws {@link InvalidMeshError}.
 */
export function expandMesh(input: unknown): { body: MeshBody; warnings: string[] } {
  const parsed = isFull(input) ? meshSpecToSend.safeParse(input) : shortMesh.safeParse(input);
  if (!parsed.success) throw new InvalidMeshError(faultsOf(parsed.error));
  const body = "spec" in parsed.data ? parsed.data : fullForm(parsed.data);
  return { body, warnings: warningsFor(body) };
}

function isFull(input: unknown): boolean {
  if (typeof input !== "object" || input === null) return false;
  return ["apiVersion", "kind", "metadata", "spec"].some((key) => Object.hasOwn(input, key));
}

function fullForm(short: ShortMesh): MeshBody {
  const config = defined({ proxyConfig: proxyConfig(short.proxy), telemetryConfig: telemetryConfig(short) });
  return {
    apiVersion: "v1",
    kind: "Mesh",
    metadata: defined({ name: short.name, labels: short.labels, annotations: short.annotations }),
    spec: defined({
      type: "InCluster" as const,
      version: short.version,
      extendParams: { clusters: short.clusters.map(fullCluster) },
      config: Object.keys(config).length > 0 ? config : undefined,
      ipv6Enable: short.ipv6,
      tags: fullTags(short.tags),
    }),
  };
}

function fullCluster(cluster: ShortMesh["clusters"][number]) {
  const namespaces = many(cluster.namespaces);
  return defined({
    clusterID: cluster.id,
    installation: { nodes: { fieldSelector: selector("UID" as const, many(cluster.nodes)) } },
    injection:
      namespaces.length > 0
        ? { namespaces: { fieldSelector: selector("Name" as const, namespaces) } }
        : undefined,
  });
}

function selector<Key extends string>(key: Key, values: string[]) {
  return { key, operator: "In" as const, values };
}

function fullTags(tags: ShortMesh["tags"]) {
  if (tags === undefined || Array.isArray(tags)) return tags;
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

function proxyConfig(proxy: ShortMesh["proxy"]) {
  if (proxy === undefined) return undefined;
  const lists = Object.entries(proxy).flatMap(([key, value]) => {
    const items = many(value)
      .flatMap((item) => String(item).split(","))
      .map((item) => item.trim());
    return items.length > 0 ? [[key, items.join(",")] as const] : [];
  });
  return lists.length > 0 ? Object.fromEntries(lists) : undefined;
}

function telemetryConfig({ metrics, accessLogging, tracing }: ShortMesh) {
  const aom = many(metrics).map((instanceID) => ({ instanceID }));
  const lts = many(accessLogging).map(({ group, stream }) => ({ logGroupID: group, logStreamID: stream }));
  const config = defined({
    metrics: aom.length > 0 ? { aom } : undefined,
    accessLogging: lts.length > 0 ? { lts } : undefined,
    tracing: tracing && fullTracing(tracing),
  });
  return Object.keys(config).length > 0 ? config : undefined;
}

function fullTracing(tracing: NonNullable<ShortMesh["tracing"]>) {
  const extensionProviders = many(tracing.zipkin).map(({ name = "zipkin", service, port }) => ({
    name,
    zipkin: { service, port },
  }));
  const defaultProviders = tracing.providers ?? extensionProviders.map(({ name }) => name);
  return defined({
    randomSamplingPercentage: tracing.sampling,
    defaultProviders: defaultProviders.length > 0 ? defaultProviders : undefined,
    extensionProviders: extensionProviders.length > 0 ? extensionProviders : undefined,
  });
}

/** One, several or none → a list. */
function many<T>(value: T | readonly T[] | undefined): T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? [...value] : [value as T];
}

/** The object without its undefined fields. */
function defined<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
