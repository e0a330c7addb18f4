import { describe, expect, it } from "vitest";
import { validateMesh } from "../asm-validate.ts";
import { meshBody } from "./mesh-body.ts";

const rules = { legacy: false, requireVersion: false, latestVersion: "1.18.7-r7" };
const cluster = "spec.extendParams.clusters[0]";
const config = "spec.config";

describe("the check of a create body", () => {
  it("accepts every documented field", () => {
    const body = meshBody("mesh-a", {
      ipv6Enable: true,
      tags: [{ key: "团队 a_.:/=+-@", value: "" }],
      config: {
        proxyConfig: {
          includeIPRanges: "10.247.0.0/16,2001:db8::/32",
          excludeIPRanges: "*",
          includeOutboundPorts: "80,443",
          excludeInboundPorts: "",
        },
        telemetryConfig: {
          metrics: { aom: [{ instanceID: "aom" }] },
          accessLogging: { lts: [{ logGroupID: "group", logStreamID: "stream" }] },
          tracing: {
            randomSamplingPercentage: 0.5,
            defaultProviders: ["zipkin", "apm-otel"],
            extensionProviders: [{ name: "zipkin", zipkin: { service: "zipkin.monitoring", port: 9411 } }],
          },
        },
      },
    });
    Object.assign(body.metadata, { labels: { a: "b" }, annotations: { c: "d" }, uid: "has no effect" });
    expect(validateMesh(body, rules)).toEqual([]);
  });

  it.each(["Mesh", "mesh"])("accepts the kind %s", (kind) => {
    expect(validateMesh({ ...meshBody("mesh-a"), kind }, rules)).toEqual([]);
  });

  it.each(["mesh", "a123", "a-b-c-d", `a${"b".repeat(63)}`])("accepts the name %s", (name) => {
    expect(validateMesh(meshBody(name), rules)).toEqual([]);
  });

  it.each(["abc", `a${"b".repeat(64)}`, "Mesh-a", "1mesh", "-mesh", "mesh-", "mesh_a", "mesh a", "mesh.a"])(
    "refuses the name %s",
    (name) => {
      expect(validateMesh(meshBody(name), rules)).toEqual([
        "metadata.name must have 4 to 64 characters: a-z, 0-9, -, from a letter to no hyphen",
      ]);
    },
  );

  it.each(["v1.18", "1.18", "1.18.7", "v1.18.7-r1", "1.18.7-r5", undefined])(
    "accepts the version %s",
    (version) => {
      expect(validateMesh(meshBody("mesh-a", { version }), rules)).toEqual([]);
    },
  );

  it.each(["1", "latest", "1.18.7-5", "1.18-r5", "1.18.7-r5 "])("refuses the version %s", (version) => {
    expect(validateMesh(meshBody("mesh-a", { version }), rules)).toEqual([
      "spec.version must be X.Y, X.Y.Z or X.Y.Z-rN",
    ]);
  });

  it("demands a version in the older state of the API", () => {
    const body = meshBody("mesh-a", { version: undefined });
    expect(validateMesh(body, { ...rules, requireVersion: true })).toEqual(["spec.version is required"]);
  });

  it.each<[string, (body: ReturnType<typeof meshBody>) => unknown]>([
    ["body must be an object", () => []],
    ["apiVersion must be v1", (body) => ({ ...body, apiVersion: "v2" })],
    ["kind must be Mesh", (body) => ({ ...body, kind: "MeshList" })],
    ["metadata is required", ({ metadata: _, ...body }) => body],
    ["spec is required", ({ spec: _, ...body }) => body],
    ["metadata.name is required", (body) => ({ ...body, metadata: {} })],
    [
      "metadata.labels.a must be a string that is not empty",
      (body) => Object.assign(body, { metadata: { ...body.metadata, labels: { a: 1 } } }),
    ],
    ["spec.type must be InCluster", () => meshBody("mesh-a", { type: "Enterprise" })],
    ["spec.extendParams is required", () => meshBody("mesh-a", { extendParams: undefined })],
    ["spec.extendParams.clusters is required", () => meshBody("mesh-a", { extendParams: {} })],
    [
      "spec.extendParams.clusters must be one cluster in the Basic edition",
      () => meshBody("mesh-a", { extendParams: { clusters: [] } }),
    ],
    [`${cluster}.clusterID is required`, (body) => edit(body, { clusterID: undefined })],
    [`${cluster}.installation is required`, (body) => edit(body, { installation: undefined })],
    [`${cluster}.installation.nodes is required`, (body) => edit(body, { installation: {} })],
    [
      `${cluster}.installation.nodes.fieldSelector is required`,
      (body) => edit(body, { installation: { nodes: {} } }),
    ],
    [
      `${cluster}.installation.nodes.fieldSelector.key must be UID`,
      (body) => edit(body, { installation: { nodes: selector({ key: "Name" }) } }),
    ],
    [
      `${cluster}.installation.nodes.fieldSelector.operator must be In`,
      (body) => edit(body, { installation: { nodes: selector({ operator: "NotIn" }) } }),
    ],
    [
      `${cluster}.installation.nodes.fieldSelector.values must be an array`,
      (body) => edit(body, { installation: { nodes: selector({ values: "a" }) } }),
    ],
    [
      `${cluster}.installation.nodes.fieldSelector.values must name at least one node`,
      (body) => edit(body, { installation: { nodes: selector({ values: [] }) } }),
    ],
    [
      `${cluster}.injection.namespaces.fieldSelector.key must be Name`,
      (body) => edit(body, { injection: { namespaces: selector({}) } }),
    ],
    [
      `${cluster}.injection.namespaces.fieldSelector.values[0] must be a string that is not empty`,
      (body) => edit(body, { injection: { namespaces: selector({ key: "Name", values: [1] }) } }),
    ],
    ["spec.ipv6Enable must be a boolean", () => meshBody("mesh-a", { ipv6Enable: "true" })],
    [
      "spec.ipv6Enable needs version 1.18 or newer",
      () => meshBody("mesh-a", { ipv6Enable: true, version: "1.15.7-r1" }),
    ],
    [
      "spec.tags must be at most 20",
      () => meshBody("mesh-a", { tags: Array.from({ length: 21 }, (_, i) => ({ key: `k${i}`, value: "" })) }),
    ],
    [
      "spec.tags[0].key must not start with _sys_",
      () => meshBody("mesh-a", { tags: [{ key: "_sys_a", value: "" }] }),
    ],
    [
      "spec.tags[0].key has a character that is not allowed",
      () => meshBody("mesh-a", { tags: [{ key: "a*", value: "" }] }),
    ],
    [
      "spec.tags[0].key must have at most 128 characters",
      () => meshBody("mesh-a", { tags: [{ key: "a".repeat(129), value: "" }] }),
    ],
    [
      "spec.tags[1].key must be unique",
      () =>
        meshBody("mesh-a", {
          tags: [
            { key: "a", value: "" },
            { key: "a", value: "" },
          ],
        }),
    ],
    [
      "spec.tags[0].value must be a string, which may be empty",
      () => meshBody("mesh-a", { tags: [{ key: "a" }] }),
    ],
    [
      "spec.tags[0].value must have at most 255 characters",
      () => meshBody("mesh-a", { tags: [{ key: "a", value: "b".repeat(256) }] }),
    ],
    [
      `${config}.proxyConfig.includeIPRanges must be a string of IP ranges with commas between`,
      () => withConfig({ proxyConfig: { includeIPRanges: "10.0.0.0" } }),
    ],
    [
      `${config}.proxyConfig.excludeOutboundPorts must be a string of ports with commas between`,
      () => withConfig({ proxyConfig: { excludeOutboundPorts: [80] } }),
    ],
    [
      `${config}.proxyConfig.includeInboundPorts must be a string of ports with commas between`,
      () => withConfig({ proxyConfig: { includeInboundPorts: "80,65536" } }),
    ],
    [
      `${config}.telemetryConfig.metrics.aom[0].instanceID is required`,
      () => withConfig({ telemetryConfig: { metrics: { aom: [{}] } } }),
    ],
    [
      `${config}.telemetryConfig.accessLogging needs version 1.18 or newer`,
      () => withConfig({ telemetryConfig: { accessLogging: { lts: [{}] } } }, "1.15.7-r1"),
    ],
    [
      `${config}.telemetryConfig.tracing.randomSamplingPercentage must be a number`,
      () => withTracing({ randomSamplingPercentage: "1" }),
    ],
    [
      `${config}.telemetryConfig.tracing.defaultProviders[0] must name an extension provider or apm-otel`,
      () => withTracing({ defaultProviders: ["zipkin"] }),
    ],
    [
      `${config}.telemetryConfig.tracing.extensionProviders[0].zipkin.port must be a port number`,
      () => withTracing({ extensionProviders: [{ name: "z", zipkin: { port: "9411" } }] }),
    ],
  ])("says: %s", (fault, make) => {
    expect(validateMesh(make(meshBody("mesh-a")), rules)).toEqual([fault]);
  });

  it("says everything that is wrong at once", () => {
    expect(validateMesh({ kind: "Mesh", metadata: {}, spec: { type: "InCluster" } }, rules)).toEqual([
      "apiVersion must be v1",
      "metadata.name is required",
      "spec.extendParams is required",
    ]);
  });
});

function edit(body: ReturnType<typeof meshBody>, change: Record<string, unknown>) {
  Object.assign(body.spec.extendParams.clusters[0] as object, change);
  return body;
}

function selector(change: Record<string, unknown>) {
  return { fieldSelector: { key: "UID", operator: "In", values: ["a"], ...change } };
}

function withConfig(config: object, version = "1.18.7-r5") {
  return meshBody("mesh-a", { config, version });
}

function withTracing(tracing: object) {
  return withConfig({ telemetryConfig: { tracing } });
}
