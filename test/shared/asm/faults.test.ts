import { describe, expect, it } from "vitest";
import { formatPath, nearestKey, unknownKey } from "../../../shared/asm/faults.ts";

const proxy = [
  "includeIPRanges",
  "excludeIPRanges",
  "includeOutboundPorts",
  "excludeOutboundPorts",
  "includeInboundPorts",
  "excludeInboundPorts",
];

describe("the nearest right name of a field", () => {
  const rows: [string, string[], string | undefined][] = [
    // as the API reference prints them, with the marks of its scan
    ["telemetryConf ig", ["proxyConfig", "telemetryConfig"], "telemetryConfig"],
    ["includeIPRang es", proxy, "includeIPRanges"],
    ["excludeIPRan ges", proxy, "excludeIPRanges"],
    ["excludeOutbo undPorts", proxy, "excludeOutboundPorts"],
    ["excludeInbou ndPorts", proxy, "excludeInboundPorts"],
    ["includeOutbo undPorts", proxy, "includeOutboundPorts"],
    ["includeInboun dPorts", proxy, "includeInboundPorts"],
    ["includeOutbound- Ports", proxy, "includeOutboundPorts"],
    ["includeOutbound-Ports", proxy, "includeOutboundPorts"],
    ["includelPRanges", proxy, "includeIPRanges"],
    [
      "randomSampl ingPercentage",
      ["randomSamplingPercentage", "defaultProviders"],
      "randomSamplingPercentage",
    ],
    ["extensionProvid- ers", ["defaultProviders", "extensionProviders"], "extensionProviders"],
    // as people write them
    ["clusterId", ["clusterID", "installation", "injection"], "clusterID"],
    ["cluster_id", ["clusterID", "installation", "injection"], "clusterID"],
    ["includeIpRange", proxy, "includeIPRanges"],
    ["ipv6", ["ipv6Enable", "tags"], undefined],
    ["versoin", ["version", "type"], "version"],
    ["naem", ["name", "version"], "name"],
    ["colour", ["name", "version"], undefined],
  ];
  it.each(rows)("%j among %j is %j", (key, known, right) => expect(nearestKey(key, known)).toBe(right));
});

it("an unknown field is answered with its name, where it belongs, or what is known", () => {
  expect(unknownKey("versoin", ["version", "type"])).toBe("is not a known field; did you mean version?");
  expect(unknownKey("colour", ["version", "type"])).toBe("is not a known field; known here: version, type");
  expect(unknownKey("uid", ["name"], { uid: "is read-only" })).toBe("is read-only");
});

it("names from the prototype are unknown fields like others", () => {
  expect(unknownKey("constructor", ["version"])).toBe("is not a known field; known here: version");
});

it("a path reads as people write it", () => {
  expect(formatPath(["clusters", 0, "nodes", 1])).toBe("clusters[0].nodes[1]");
  expect(formatPath([])).toBe("");
  expect(formatPath(["tags", "a b"])).toBe('tags["a b"]');
});
