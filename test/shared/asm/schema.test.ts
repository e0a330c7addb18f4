import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { faultsOf } from "../../../shared/asm/faults.ts";
import type { MeshBody } from "../../../shared/asm/schema.ts";
import { createdMesh, mesh, meshList, meshSpecToSend } from "../../../shared/asm/schema.ts";
import { body, fixture } from "./fixture.ts";

/** biome-ignore lint/suspicious/noExplicitAny: the table bends bodies into shapes that have no type */
type Bent = any;

/** The faults of the smallest body after a change, as `path: message`. */
function faults(change: (body: Bent) => void): string[] {
  const parsed = meshSpecToSend.safeParse(body(change as (body: MeshBody) => void));
  return parsed.success ? [] : faultsOf(parsed.error).map(({ path, message }) => `${path}: ${message}`);
}

const cluster = (b: Bent) => b.spec.extendParams.clusters[0];
const nodes = (b: Bent) => cluster(b).installation.nodes.fieldSelector;
const inject = (b: Bent, selector: unknown) => {
  cluster(b).injection = { namespaces: { fieldSelector: selector } };
};
const trace = (b: Bent, tracing: unknown) => {
  b.spec.config = { telemetryConfig: { tracing } };
};
const C = "spec.extendParams.clusters[0]";
const N = `${C}.installation.nodes.fieldSelector`;
const S = `${C}.injection.namespaces.fieldSelector`;
const P = "spec.config.proxyConfig";
const T = "spec.config.telemetryConfig";

describe("what is sent", () => {
  it("the sample of the API reference passes as it is", () => {
    expect(meshSpecToSend.parse(fixture("create-request"))).toStrictEqual(fixture("create-request"));
  });

  it("every field that is documented passes", () => {
    const full = fixture<Bent>("create-request");
    full.kind = "mesh";
    full.metadata.labels = { team: "payments" };
    full.metadata.annotations = { "example.com/owner": "jo" };
    full.spec.ipv6Enable = true;
    full.spec.tags = [{ key: "team", value: "" }];
    full.spec.config.proxyConfig = {
      includeIPRanges: "10.247.0.0/16,fd00::/8",
      excludeIPRanges: "10.0.0.0/8",
      includeOutboundPorts: "80",
      excludeOutboundPorts: "443,8443",
      includeInboundPorts: "8080",
      excludeInboundPorts: "9090",
    };
    expect(meshSpecToSend.parse(full)).toStrictEqual(full);
  });

  const right: [string, (b: Bent) => void][] = [
    ["no version", (b) => delete b.spec.version],
    ["a version with v", (b) => (b.spec.version = "v1.18")],
    [
      "namespaces by UID, as the old API had it",
      (b) => inject(b, { key: "UID", operator: "In", values: ["a"] }),
    ],
    ["no tracing of any request", (b) => trace(b, { randomSamplingPercentage: 0 })],
    ["tracing of every request", (b) => trace(b, { randomSamplingPercentage: 100 })],
    ["the preset provider", (b) => trace(b, { defaultProviders: ["apm-otel"] })],
    ["twenty tags", (b) => (b.spec.tags = tags(20))],
  ];
  it.each(right)("%s is right", (_, change) => expect(faults(change)).toEqual([]));

  const wrong: [(b: Bent) => void, string[]][] = [
    [(b) => (b.apiVersion = "v2"), ['apiVersion: must be "v1"']],
    [(b) => delete b.apiVersion, ["apiVersion: is missing: always v1"]],
    [(b) => (b.kind = "MESH"), ['kind: must be "Mesh"']],
    [(b) => delete b.kind, ["kind: is missing: always Mesh"]],
    [(b) => delete b.metadata, ["metadata: is missing: the mesh's name, labels and annotations"]],
    [(b) => delete b.metadata.name, ["metadata.name: is missing: a name such as my-mesh"]],
    [
      (b) => (b.metadata.name = 7),
      ["metadata.name: must be a text, so put it in quotes: a name such as my-mesh"],
    ],
    [(b) => (b.metadata.name = "abc"), ['metadata.name: must have 4 to 64 characters; "abc" has 3']],
    [
      (b) => (b.metadata.labels = { a: 1 }),
      ["metadata.labels.a: must be a text; put numbers and true or false in quotes"],
    ],
    [
      (b) => (b.metadata.annotations = "a"),
      ["metadata.annotations: must be an object of texts, such as { team: payments }"],
    ],
    [
      (b) => (b.metadata.uid = "u"),
      ["metadata.uid: is set by the service and cannot be chosen; leave it out"],
    ],
    [(b) => (b.status = {}), ["status: is set by the service and cannot be chosen; leave it out"]],
    [(b) => delete b.spec.type, ["spec.type: is missing: always InCluster"]],
    [(b) => (b.spec.type = "Cloud"), ['spec.type: must be "InCluster", the Basic edition']],
    [
      (b) => (b.spec.version = "latest"),
      ['spec.version: must be a version such as 1.18, 1.18.7 or 1.18.7-r5, not "latest"'],
    ],
    [
      (b) => (b.spec.version = 1.18),
      ["spec.version: must be a text, so put it in quotes: a version such as 1.18.7-r5"],
    ],
    [(b) => (nodes(b).values = [{}]), [`${N}.values[0]: must be a text: a CCE node id`]],
    [(b) => delete b.spec.extendParams, ["spec.extendParams: is missing: the clusters"]],
    [
      (b) => delete b.spec.extendParams.clusters,
      ["spec.extendParams.clusters: is missing: a list of one cluster"],
    ],
    [(b) => (b.spec.extendParams.clusters = []), ["spec.extendParams.clusters: must name one CCE cluster"]],
    [
      (b) => b.spec.extendParams.clusters.push({ ...cluster(b), clusterID: "cluster-2" }),
      [
        "spec.extendParams.clusters: must name exactly one cluster, not 2: the Basic edition takes one per mesh",
      ],
    ],
    [(b) => delete cluster(b).clusterID, [`${C}.clusterID: is missing: the CCE cluster id`]],
    [(b) => (cluster(b).clusterID = ""), [`${C}.clusterID: is empty: the CCE cluster id`]],
    [(b) => (cluster(b).clusterID = " a"), [`${C}.clusterID: has space around it`]],
    [
      (b) => delete cluster(b).installation,
      [`${C}.installation: is missing: where the mesh's components are installed (nodes)`],
    ],
    [(b) => (nodes(b).key = "Name"), [`${N}.key: must be "UID": nodes are chosen by CCE node id`]],
    [(b) => delete nodes(b).key, [`${N}.key: is missing: always UID`]],
    [(b) => (nodes(b).operator = "NotIn"), [`${N}.operator: must be "In", the only operator`]],
    [(b) => (nodes(b).values = []), [`${N}.values: must name at least one CCE node id`]],
    [(b) => (nodes(b).values = "a"), [`${N}.values: must be a list of CCE node ids`]],
    [(b) => (nodes(b).values = ["a", ""]), [`${N}.values[1]: is empty: a CCE node id`]],
    [
      (b) => inject(b, { key: "name", operator: "In", values: ["a"] }),
      [`${S}.key: must be "Name": namespaces are chosen by their name`],
    ],
    [(b) => inject(b, { key: "Name", values: ["a"] }), [`${S}.operator: is missing: always In`]],
    [
      (b) => inject(b, { key: "Name", operator: "In", values: [] }),
      [`${S}.values: must name at least one namespace; leave injection out to inject nowhere`],
    ],
    [
      (b) => (b.spec.config = { proxyConfig: { includeIPRanges: "10.0.0.1" } }),
      [`${P}.includeIPRanges: "10.0.0.1" has no prefix length; for one address write 10.0.0.1/32`],
    ],
    [
      (b) => (b.spec.config = { proxyConfig: { excludeInboundPorts: "80;90" } }),
      [`${P}.excludeInboundPorts: "80;90" is not a port from 1 to 65535`],
    ],
    [
      (b) => (b.spec.config = { proxyConfig: { excludeInboundPorts: 80 } }),
      [`${P}.excludeInboundPorts: must be a text, so put it in quotes: ports such as 80,443`],
    ],
    [
      (b) => (b.spec.config = { proxyConfig: { "includeOutbound-Ports": "80" } }),
      [`${P}.includeOutbound-Ports: is not a known field; did you mean includeOutboundPorts?`],
    ],
    [
      (b) => trace(b, { randomSamplingPercentage: 100.5 }),
      [`${T}.tracing.randomSamplingPercentage: must be a number from 0 to 100`],
    ],
    [
      (b) => trace(b, { randomSamplingPercentage: -1 }),
      [`${T}.tracing.randomSamplingPercentage: must be a number from 0 to 100`],
    ],
    [
      (b) => trace(b, { defaultProviders: ["zipkin"] }),
      [
        `${T}.tracing.defaultProviders[0]: "zipkin" is neither apm-otel nor the name of one of the extensionProviders`,
      ],
    ],
    [
      (b) => trace(b, { defaultProviders: ["apmotel"] }),
      [
        `${T}.tracing.defaultProviders[0]: "apmotel" is neither apm-otel nor the name of one of the extensionProviders`,
      ],
    ],
    [
      (b) => trace(b, { extensionProviders: [zipkin("z", 0)] }),
      [`${T}.tracing.extensionProviders[0].zipkin.port: must be a port from 1 to 65535`],
    ],
    [
      (b) => trace(b, { extensionProviders: [zipkin("z", 65536)] }),
      [`${T}.tracing.extensionProviders[0].zipkin.port: must be a port from 1 to 65535`],
    ],
    [
      (b) => trace(b, { extensionProviders: [zipkin("z", "9411")] }),
      [`${T}.tracing.extensionProviders[0].zipkin.port: must be a whole number`],
    ],
    [
      (b) => trace(b, { extensionProviders: [zipkin("z", 9411), zipkin("z", 9412)] }),
      [`${T}.tracing.extensionProviders[1].name: is given twice: z`],
    ],
    [
      (b) => (b.spec.config = { telemetryConfig: { metrics: { aom: [{}] } } }),
      [`${T}.metrics.aom[0].instanceID: is missing: the AOM instance id`],
    ],
    [
      (b) => (b.spec.config = { telemetryConfig: { accessLogging: { lts: [{ logGroupID: "g" }] } } }),
      [`${T}.accessLogging.lts[0].logStreamID: is missing: the LTS log stream id`],
    ],
    [(b) => (b.spec.ipv6Enable = "yes"), ["spec.ipv6Enable: must be true or false"]],
    [(b) => (b.spec.tags = { a: "b" }), ["spec.tags: must be a list of tags, each with key and value"]],
    [(b) => (b.spec.tags = tags(21)), ["spec.tags: must be at most 20 tags, not 21"]],
    [
      (b) => (b.spec.tags = [{ key: "a" }]),
      ["spec.tags[0].value: is missing: the tag's value, which may be empty"],
    ],
    [
      (b) => (b.spec.tags = [{ key: "_sys_a", value: "" }]),
      ["spec.tags[0].key: must not start with _sys_, which is kept for the system"],
    ],
    [(b) => (b.spec.tags = [...tags(1), ...tags(1)]), ['spec.tags[1].key: is given twice: "key0"']],
    [
      (b) => (b.spec.tags = [{ key: "a", value: "v".repeat(256) }]),
      ["spec.tags[0].value: must have at most 255 characters, not 256"],
    ],
    [(b) => (cluster(b).clusterId = "c"), [`${C}.clusterId: is not a known field; did you mean clusterID?`]],
    [
      (b) => (cluster(b).projectID = "p"),
      [`${C}.projectID: belongs to the legacy dialect, which adds it by itself; leave it out`],
    ],
    [
      (b) => (b.spec.region = "eu-de"),
      ["spec.region: belongs to the legacy dialect, which adds it by itself; leave it out"],
    ],
    [(b) => (b.name = "mesh"), ["name: belongs in metadata.name"]],
    [
      (b) => (b.spec.colour = "red"),
      [
        "spec.colour: is not a known field; known here: type, version, extendParams, config, ipv6Enable, tags",
      ],
    ],
    [
      (b) => {
        b.apiVersion = 1;
        b.metadata.name = "x";
        nodes(b).values = [];
        b.spec.tags = [{ key: "a", value: 1 }, ...tags(1), ...tags(1)];
        b.spec.colour = "red";
      },
      [
        'apiVersion: must be "v1"',
        'metadata.name: must have 4 to 64 characters; "x" has 1',
        `${N}.values: must name at least one CCE node id`,
        "spec.tags[0].value: must be a text",
        'spec.tags[2].key: is given twice: "key0"',
        "spec.colour: is not a known field; known here: type, version, extendParams, config, ipv6Enable, tags",
      ],
    ],
  ];
  it.each(wrong.map(([change, expected]) => [expected.join(" | "), change, expected] as const))(
    "%s",
    (_, change, expected) => expect(faults(change)).toEqual(expected),
  );
});

describe("what is received", () => {
  it.each(["create-response", "show-response", "delete-response", "legacy-create-response"])(
    "the sample %s passes as it is",
    (name) => expect(mesh.parse(fixture(name))).toEqual(fixture(name)),
  );

  it("the sample of a list gives its one mesh", () => {
    expect(meshList.parse(fixture("list-response"))).toEqual([fixture("show-response")]);
  });

  it.each([{ items: [] }, { items: null }, {}, { kind: "MeshList" }])("%j is an empty list", (answer) => {
    expect(meshList.parse(answer)).toEqual([]);
  });

  it.each([null, [], "meshes", { items: {} }, { items: [{ metadata: {} }] }])("%j is no list", (answer) => {
    expect(meshList.safeParse(answer).success).toBe(false);
  });

  it("a phase that is not known survives", () => {
    expect(mesh.parse({ metadata: { name: "a" }, status: { phase: "Hibernating" } }).status?.phase).toBe(
      "Hibernating",
    );
  });

  it("null is read as absent", () => {
    const answer = {
      metadata: { name: "a", uid: null, creationTimestamp: null },
      spec: { version: null, extendParams: { clusters: null } },
      status: null,
    };
    expect(mesh.parse(answer)).toEqual({ metadata: { name: "a" }, spec: { extendParams: {} } });
  });

  it.each([
    { metadata: { name: "a" } },
    { metadata: { name: "a", uid: "" } },
    { metadata: { name: "a", uid: null } },
  ])("an answer to a create without a uid is not understood: %j", (answer) => {
    expect(mesh.safeParse(answer).success).toBe(true);
    expect(createdMesh.safeParse(answer).success).toBe(false);
  });

  it("fields that are not known survive at every level", () => {
    const known = ["metadata", "spec", "status", "name", "uid", "creationTimestamp", "type", "version"];
    const taken = new Set([...known, "extendParams", "clusters", "clusterID", "phase", "updateTimestamp"]);
    const key = fc.string({ minLength: 1 }).filter((name) => !taken.has(name) && name !== "__proto__");
    const extra = fc.dictionary(key, fc.jsonValue(), { maxKeys: 3 });
    fc.assert(
      fc.property(extra, extra, extra, extra, extra, extra, (a, b, c, d, e, f) => {
        const answer = {
          ...a,
          metadata: { ...b, name: "mesh", uid: "u", creationTimestamp: "2025-04-10T07:48:37Z" },
          spec: {
            ...c,
            type: "InCluster",
            version: "1.18",
            extendParams: { ...d, clusters: [{ ...e, clusterID: "c" }] },
          },
          status: { ...f, phase: "Running", updateTimestamp: "2025-04-10T07:58:43Z" },
        };
        expect(mesh.parse(answer)).toEqual(answer);
      }),
    );
  });
});

function tags(count: number) {
  return Array.from({ length: count }, (_, i) => ({ key: `key${i}`, value: "v" }));
}

function zipkin(name: string, port: unknown) {
  return { name, zipkin: { service: "zipkin.monitoring", port } };
}
