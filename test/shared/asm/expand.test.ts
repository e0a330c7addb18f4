import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expandMesh, InvalidMeshError } from "../../../shared/asm/expand.ts";
import type { Fault } from "../../../shared/asm/faults.ts";
import { meshSpecToSend } from "../../../shared/asm/schema.ts";
import type { ShortMesh } from "../../../shared/asm/short-mesh.ts";
import { body, fixture } from "./fixture.ts";

const small = {
  name: "payments",
  version: "1.18.7-r5",
  clusters: [{ id: "cluster-1", nodes: ["node-1", "node-2"] }],
};

describe("the short form", () => {
  it("with only what is needed becomes the smallest body", () => {
    expect(expandMesh(small)).toStrictEqual({ body: body(), warnings: [] });
  });

  it("with everything becomes the full body", () => {
    const short = {
      name: "mesh-test-api",
      version: "v1.19",
      clusters: [{ id: "cluster-1", nodes: ["node-1", "node-2"], namespaces: ["default", "shop"] }],
      ipv6: true,
      labels: { team: "payments" },
      annotations: { note: "" },
      tags: { team: "payments", stage: "" },
      proxy: {
        includeIPRanges: ["10.247.0.0/16", "fd00::/8"],
        excludeIPRanges: "10.0.0.0/8, 11.0.0.0/8",
        includeOutboundPorts: [80, "443"],
        excludeOutboundPorts: "8080",
        includeInboundPorts: 9090,
        excludeInboundPorts: ["1,2", 3],
      },
      metrics: ["aom-1", "aom-2"],
      accessLogging: [{ group: "g", stream: "s" }],
      tracing: {
        sampling: 1.5,
        zipkin: [
          { service: "zipkin.monitoring.svc.cluster.local", port: 9411 },
          { name: "other", service: "z", port: 1 },
        ],
        providers: ["other", "apm-otel"],
      },
    };
    expect(expandMesh(short)).toStrictEqual({
      warnings: [],
      body: {
        apiVersion: "v1",
        kind: "Mesh",
        metadata: { name: "mesh-test-api", labels: { team: "payments" }, annotations: { note: "" } },
        spec: {
          type: "InCluster",
          version: "v1.19",
          extendParams: {
            clusters: [
              {
                clusterID: "cluster-1",
                installation: {
                  nodes: { fieldSelector: { key: "UID", operator: "In", values: ["node-1", "node-2"] } },
                },
                injection: {
                  namespaces: { fieldSelector: { key: "Name", operator: "In", values: ["default", "shop"] } },
                },
              },
            ],
          },
          config: {
            proxyConfig: {
              includeIPRanges: "10.247.0.0/16,fd00::/8",
              excludeIPRanges: "10.0.0.0/8,11.0.0.0/8",
              includeOutboundPorts: "80,443",
              excludeOutboundPorts: "8080",
              includeInboundPorts: "9090",
              excludeInboundPorts: "1,2,3",
            },
            telemetryConfig: {
              metrics: { aom: [{ instanceID: "aom-1" }, { instanceID: "aom-2" }] },
              accessLogging: { lts: [{ logGroupID: "g", logStreamID: "s" }] },
              tracing: {
                randomSamplingPercentage: 1.5,
                defaultProviders: ["other", "apm-otel"],
                extensionProviders: [
                  {
                    name: "zipkin",
                    zipkin: { service: "zipkin.monitoring.svc.cluster.local", port: 9411 },
                  },
                  { name: "other", zipkin: { service: "z", port: 1 } },
                ],
              },
            },
          },
          ipv6Enable: true,
          tags: [
            { key: "team", value: "payments" },
            { key: "stage", value: "" },
          ],
        },
      },
    });
  });

  it("takes the one for a list of one, and leaves empty lists out", () => {
    const one = {
      ...small,
      clusters: [{ id: "cluster-1", nodes: "node-1", namespaces: [] }],
      proxy: { includeIPRanges: [] },
      metrics: "aom-1",
      accessLogging: { group: "g", stream: "s" },
      tracing: { zipkin: { service: "z", port: 9411 } },
      tags: [{ key: "team", value: "payments" }],
    };
    const { spec } = expandMesh(one).body;
    expect(spec.extendParams.clusters).toStrictEqual([
      {
        clusterID: "cluster-1",
        installation: { nodes: { fieldSelector: { key: "UID", operator: "In", values: ["node-1"] } } },
      },
    ]);
    expect(spec.config).toStrictEqual({
      telemetryConfig: {
        metrics: { aom: [{ instanceID: "aom-1" }] },
        accessLogging: { lts: [{ logGroupID: "g", logStreamID: "s" }] },
        tracing: {
          defaultProviders: ["zipkin"],
          extensionProviders: [{ name: "zipkin", zipkin: { service: "z", port: 9411 } }],
        },
      },
    });
    expect(spec.tags).toStrictEqual([{ key: "team", value: "payments" }]);
  });

  const wrong: [string, unknown, Fault[]][] = [
    ["nothing", undefined, [{ path: "", message: "is missing: a mesh" }]],
    ["null", null, [{ path: "", message: "must be an object: a mesh" }]],
    ["a list", [], [{ path: "", message: "must be an object: a mesh" }]],
    ["a text", "payments", [{ path: "", message: "must be an object: a mesh" }]],
    [
      "an empty object",
      {},
      [
        { path: "name", message: "is missing: a name such as my-mesh" },
        { path: "clusters", message: "is missing: a list of one cluster with id and nodes" },
      ],
    ],
    [
      "names of the full form",
      {
        ...small,
        clusters: [{ clusterID: "c", installation: {}, injection: {} }],
        proxyConfig: {},
        telemetryConfig: {},
        ipv6Enable: true,
        type: "InCluster",
        tracing: { randomSamplingPercentage: 1 },
        accessLogging: { logGroupID: "g", logStreamID: "s" },
      },
      [
        { path: "clusters[0].id", message: "is missing: the CCE cluster id" },
        { path: "clusters[0].nodes", message: "is missing: CCE node ids, one or a list" },
        { path: "clusters[0].clusterID", message: "is called id in the short form" },
        {
          path: "clusters[0].installation",
          message: "is called nodes in the short form: a list of CCE node ids",
        },
        {
          path: "clusters[0].injection",
          message: "is called namespaces in the short form: a list of namespaces",
        },
        { path: "accessLogging.group", message: "is missing: the LTS log group id" },
        { path: "accessLogging.stream", message: "is missing: the LTS log stream id" },
        { path: "accessLogging.logGroupID", message: "is called group in the short form" },
        { path: "accessLogging.logStreamID", message: "is called stream in the short form" },
        { path: "tracing.randomSamplingPercentage", message: "is called sampling in the short form" },
        { path: "proxyConfig", message: "is called proxy in the short form" },
        {
          path: "telemetryConfig",
          message: "is written as metrics, accessLogging and tracing in the short form",
        },
        { path: "ipv6Enable", message: "is called ipv6 in the short form" },
        { path: "type", message: "is always InCluster; leave it out" },
      ],
    ],
    [
      "a fault in every field",
      {
        name: "Payments",
        version: "newest",
        clusters: [
          { id: "", nodes: [], namespaces: [1] },
          { id: "c", nodes: "" },
        ],
        ipv6: "yes",
        labels: { a: 1 },
        annotations: [],
        tags: { _sys_a: "b", c: 1, d: "%" },
        proxy: {
          includeIPRanges: ["10.0.0.0/8", "10.0.0.1"],
          excludeIPRanges: 10,
          includeOutboundPorts: [80, 0],
          excludeOutboundPorts: "80,x",
          excludeInboundPorts: [80, null],
          includeInboundPorts: true,
          includeInbuondPorts: 1,
        },
        metrics: ["", 1],
        accessLogging: [{ group: "g" }],
        tracing: { sampling: 101, zipkin: { service: "z", port: 0 }, providers: ["jaeger"] },
        colour: "red",
      },
      [
        { path: "name", message: "must start with a lower-case letter" },
        { path: "version", message: 'must be a version such as 1.18, 1.18.7 or 1.18.7-r5, not "newest"' },
        { path: "clusters[0].id", message: "is empty: the CCE cluster id" },
        { path: "clusters[0].nodes", message: "must name at least one CCE node id" },
        {
          path: "clusters[0].namespaces[0]",
          message: "must be a text, so put it in quotes: a namespace name",
        },
        { path: "clusters[1].nodes", message: "is empty: a CCE node id" },
        {
          path: "clusters",
          message: "must name exactly one cluster, not 2: the Basic edition takes one per mesh",
        },
        { path: "ipv6", message: "must be true or false" },
        { path: "labels.a", message: "must be a text; put numbers and true or false in quotes" },
        { path: "annotations", message: "must be an object of texts, such as { team: payments }" },
        { path: "tags.c", message: "must be a text; put numbers and true or false in quotes" },
        { path: "tags._sys_a", message: "the key must not start with _sys_, which is kept for the system" },
        {
          path: "tags.d",
          message: "may hold only letters, digits, spaces, Chinese characters and _ . : / = + - @",
        },
        {
          path: "proxy.includeIPRanges",
          message: '"10.0.0.1" has no prefix length; for one address write 10.0.0.1/32',
        },
        {
          path: "proxy.excludeIPRanges",
          message: 'must be IP ranges such as "10.247.0.0/16", one or a list',
        },
        { path: "proxy.includeOutboundPorts", message: '"0" is not a port from 1 to 65535' },
        { path: "proxy.excludeOutboundPorts", message: '"x" is not a port from 1 to 65535' },
        { path: "proxy.includeInboundPorts", message: 'must be ports such as "80,443" or [80, 443]' },
        { path: "proxy.excludeInboundPorts[1]", message: "must be a port from 1 to 65535" },
        {
          path: "proxy.includeInbuondPorts",
          message: "is not a known field; did you mean includeInboundPorts?",
        },
        { path: "metrics[0]", message: "is empty: an AOM instance id" },
        { path: "metrics[1]", message: "must be a text, so put it in quotes: an AOM instance id" },
        { path: "accessLogging[0].stream", message: "is missing: the LTS log stream id" },
        { path: "tracing.sampling", message: "must be a number from 0 to 100" },
        { path: "tracing.zipkin.port", message: "must be a port from 1 to 65535" },
        {
          path: "tracing.providers[0]",
          message: '"jaeger" is neither apm-otel nor the name of one of the zipkin entries',
        },
        {
          path: "colour",
          message:
            "is not a known field; known here: name, version, clusters, ipv6, labels, annotations, tags, proxy, metrics, accessLogging, tracing",
        },
      ],
    ],
    [
      "more than twenty tags",
      { ...small, tags: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`k${i}`, ""])) },
      [{ path: "tags", message: "must be at most 20 tags, not 21" }],
    ],
    [
      "a tag without a value, in a list",
      { ...small, tags: [{ key: "a" }] },
      [{ path: "tags[0].value", message: "is missing: the tag's value, which may be empty" }],
    ],
    [
      "two Zipkin servers of one name",
      {
        ...small,
        tracing: {
          zipkin: [
            { service: "a", port: 1 },
            { name: "zipkin", service: "b", port: 2 },
          ],
        },
      },
      [{ path: "tracing.zipkin[1].name", message: "is given twice: zipkin" }],
    ],
    [
      "entries that are null",
      { ...small, version: null, tracing: { zipkin: [null, { service: "z", port: 1 }] }, tags: [null] },
      [
        { path: "version", message: "must be a text: a version such as 1.18.7-r5" },
        { path: "tags[0]", message: "must be an object: a tag with key and value" },
        { path: "tracing.zipkin[0]", message: "must be an object: service and port of Zipkin" },
      ],
    ],
    [
      "a full body with a name of the short form",
      { ...body(), clusters: [] },
      [{ path: "clusters", message: "belongs in spec.extendParams.clusters" }],
    ],
  ];
  it.each(wrong)("%s is refused with every fault", (_, input, faults) => {
    expect(faultsOf(input)).toEqual(faults);
  });

  it("the error lists the faults line by line", () => {
    expect(() => expandMesh({ name: "abc", clusters: [] })).toThrow(
      new InvalidMeshError([
        { path: "name", message: 'must have 4 to 64 characters; "abc" has 3' },
        { path: "clusters", message: "must name one CCE cluster" },
      ]),
    );
    expect(() => expandMesh(7)).toThrow("The mesh is not valid:\n  (the whole): must be an object: a mesh");
  });

  it("always becomes a body that the strict schema takes, and that comes back unchanged", () => {
    fc.assert(
      fc.property(shortMeshes(), (short) => {
        const expanded = expandMesh(short);
        expect(meshSpecToSend.parse(expanded.body)).toEqual(expanded.body);
        expect(expandMesh(expanded.body)).toEqual(expanded);
      }),
    );
  });
});

describe("the full form", () => {
  it("comes back as it is", () => {
    expect(expandMesh(fixture("create-request")).body).toStrictEqual(fixture("create-request"));
  });
});

describe("warnings", () => {
  const of = (short: Partial<ShortMesh>) => expandMesh({ ...small, ...short }).warnings;
  const ipv6 = { ipv6: true };
  const lts = { accessLogging: { group: "g", stream: "s" } };
  const zipkin = { tracing: { zipkin: { service: "z", port: 9411 } } };
  const apm = { tracing: { providers: ["apm-otel"] } };
  const rows: [Partial<ShortMesh>, string[]][] = [
    [{ version: "1.18", ...ipv6 }, []],
    [{ version: "1.15.7-r4", ...ipv6 }, ["IPv6 needs a mesh version 1.18 or later; 1.15.7-r4 is asked for."]],
    [{ version: "1.15", ipv6: false }, []],
    [{ version: "v1.18.7", ...lts }, []],
    [
      { version: "v1.17", ...lts },
      ["Access logs in LTS need a mesh version 1.18 or later; v1.17 is asked for."],
    ],
    [{ version: "1.15", ...zipkin }, []],
    [{ version: "1.13", ...zipkin }, ["Zipkin needs a mesh version 1.15 or later; 1.13 is asked for."]],
    [{ version: "1.19", ...apm }, []],
    [{ version: "2.0", ...apm }, []],
    [
      { version: "1.18.7-r5", ...apm },
      ["apm-otel needs a mesh version later than 1.18, and APM 2.0 in the region; 1.18.7-r5 is asked for."],
    ],
    [
      { clusters: [{ id: "c", nodes: ["a", "a"] }] },
      ["One node only: for high availability choose two or more in different zones."],
    ],
  ];
  it.each(rows)("%j → %j", (short, warnings) => expect(of(short)).toEqual(warnings));

  it("a missing version is told, and gates nothing", () => {
    const { version: _, ...short } = { ...small, ...ipv6, ...apm };
    expect(expandMesh(short).warnings).toEqual([
      "No version is given: the service takes its newest, where it allows that.",
    ]);
  });

  it("namespaces by UID are told", () => {
    const full = body((b) => {
      b.spec.extendParams.clusters[0]!.injection = {
        namespaces: { fieldSelector: { key: "UID", operator: "In", values: ["default"] } },
      };
    });
    expect(expandMesh(full).warnings).toEqual([
      "Namespaces are chosen by UID, an older form; the current API documents Name.",
    ]);
  });
});

function faultsOf(input: unknown): readonly Fault[] {
  try {
    expandMesh(input);
  } catch (error) {
    if (error instanceof InvalidMeshError) return error.faults;
    throw error;
  }
  return [];
}

function shortMeshes(): fc.Arbitrary<unknown> {
  const word = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/);
  const oneOrMore = <T>(of: fc.Arbitrary<T>) => fc.oneof(of, fc.array(of, { minLength: 1, maxLength: 3 }));
  const port = fc.oneof(fc.integer({ min: 1, max: 65535 }), fc.integer({ min: 1, max: 65535 }).map(String));
  const ports = oneOrMore(port);
  const ranges = oneOrMore(
    fc.oneof(
      fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([ip, bits]) => `${ip}/${bits}`),
      fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })).map(([ip, bits]) => `${ip}/${bits}`),
    ),
  );
  const texts = fc.dictionary(word, fc.string(), { maxKeys: 3 });
  const tagText = fc.stringMatching(/^[a-z0-9 _.:/=+@-]{1,20}$/).filter((text) => !text.startsWith("_sys_"));
  const zipkin = fc.record(
    { name: word, service: word, port: fc.integer({ min: 1, max: 65535 }) },
    { requiredKeys: ["service", "port"] },
  );
  const named = (one: { name?: string }) => one.name ?? "zipkin";
  return fc.record(
    {
      name: fc.stringMatching(/^[a-z][a-z0-9-]{2,62}[a-z0-9]$/),
      version: fc.stringMatching(/^v?1\.\d{1,2}(\.\d(-r\d)?)?$/),
      clusters: fc.tuple(
        fc.record(
          { id: word, nodes: oneOrMore(word), namespaces: oneOrMore(word) },
          { requiredKeys: ["id", "nodes"] },
        ),
      ),
      ipv6: fc.boolean(),
      labels: texts,
      annotations: texts,
      tags: fc.dictionary(tagText, fc.oneof(fc.constant(""), tagText), { maxKeys: 20 }),
      proxy: fc.record(
        {
          includeIPRanges: ranges,
          excludeIPRanges: ranges,
          includeOutboundPorts: ports,
          excludeOutboundPorts: ports,
          includeInboundPorts: ports,
          excludeInboundPorts: ports,
        },
        { requiredKeys: [] },
      ),
      metrics: oneOrMore(word),
      accessLogging: oneOrMore(fc.record({ group: word, stream: word })),
      tracing: fc.record(
        {
          sampling: fc.double({ min: 0, max: 100, noNaN: true }),
          zipkin: fc.uniqueArray(zipkin, { maxLength: 3, selector: named }),
          providers: fc.subarray(["apm-otel"]),
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: ["name", "clusters"] },
  );
}
