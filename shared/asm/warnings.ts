import { PRESET_PROVIDER } from "./rules.ts";
import type { MeshBody } from "./schema.ts";

/**
 * What is allowed but may not do what was meant: gates of the mesh version and add-ons (user guide and
 * ASM API reference, tables 4-14 to 4-20), high availability, and words of an older API.
 */
export function warningsFor(body: MeshBody): string[] {
  const { spec } = body;
  const telemetry = spec.config?.telemetryConfig;
  const [cluster] = spec.extendParams.clusters;
  const nodes = new Set(cluster?.installation.nodes.fieldSelector.values);
  const providers = telemetry?.tracing?.defaultProviders ?? [];
  const warnings = [
    spec.version === undefined && "No version is given: the service takes its newest, where it allows that.",
    nodes.size === 1 && "One node only: for high availability choose two or more in different zones.",
    cluster?.injection?.namespaces.fieldSelector.key === "UID" &&
      "Namespaces are chosen by UID, an older form; the current API documents Name.",
    spec.ipv6Enable && older(spec.version, 18) && gate("IPv6 needs", "1.18 or later", spec.version),
    telemetry?.accessLogging?.lts?.length &&
      older(spec.version, 18) &&
      gate("Access logs in LTS need", "1.18 or later", spec.version),
    telemetry?.tracing?.extensionProviders?.length &&
      older(spec.version, 15) &&
      gate("Zipkin needs", "1.15 or later", spec.version),
    providers.includes(PRESET_PROVIDER) &&
      older(spec.version, 19) &&
      gate(`${PRESET_PROVIDER} needs`, "later than 1.18, and APM 2.0 in the region", spec.version),
  ];
  return warnings.filter((warning) => typeof warning === "string");
}

function gate(feature: string, needed: string, version: string | undefined): string {
  return `${feature} a mesh version ${needed}; ${version} is asked for.`;
}

/** Is the version older than 1.`minor`? Without a version the service takes its newest, which is not. */
function older(version: string | undefined, minor: number): boolean {
  const [, major, given] = /^v?(\d+)\.(\d+)/.exec(version ?? "") ?? [];
  return given !== undefined && (Number(major) < 1 || (Number(major) === 1 && Number(given) < minor));
}
