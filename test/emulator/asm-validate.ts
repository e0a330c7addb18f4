import { validateConfig } from "./asm-validate-config.ts";
import { Check } from "./check.ts";

export interface ValidationRules {
  /** The old dialect demands `spec.region` and `clusters[].projectID` and allows `UID` for namespaces. */
  legacy: boolean;
  /** Older states of the API demand `spec.version`; the newest takes its absence as the newest version. */
  requireVersion: boolean;
  latestVersion: string;
}

/** Says what is wrong with the body of a create request (ASM API reference, 4.1.1); an empty list is a valid body. */
export function validateMesh(body: unknown, rules: ValidationRules): string[] {
  const check = new Check();
  const mesh = check.object(body, "body");
  if (!mesh) return check.faults;
  if (mesh.apiVersion !== "v1") check.fault("apiVersion", "must be v1");
  if (mesh.kind !== "Mesh" && mesh.kind !== "mesh") check.fault("kind", "must be Mesh");
  const metadata = check.object(mesh.metadata, "metadata");
  if (metadata) {
    const name = check.text(metadata.name, "metadata.name");
    if (
      name !== undefined &&
      !(/^[a-z][a-z0-9-]*[a-z0-9]$/.test(name) && name.length >= 4 && name.length <= 64)
    ) {
      check.fault("metadata.name", "must have 4 to 64 characters: a-z, 0-9, -, from a letter to no hyphen");
    }
    for (const map of ["annotations", "labels"]) {
      if (metadata[map] === undefined) continue;
      const entries = check.object(metadata[map], `metadata.${map}`) ?? {};
      for (const [key, value] of Object.entries(entries)) check.text(value, `metadata.${map}.${key}`);
    }
  }
  const spec = check.object(mesh.spec, "spec");
  if (spec) validateSpec(check, spec, rules);
  return check.faults;
}

function validateSpec(check: Check, spec: Record<string, unknown>, rules: ValidationRules): void {
  if (spec.type !== "InCluster") check.fault("spec.type", "must be InCluster");
  if (spec.version === undefined && rules.requireVersion) check.fault("spec.version", "is required");
  const version = spec.version === undefined ? rules.latestVersion : check.text(spec.version, "spec.version");
  if (version !== undefined && !/^v?\d+\.\d+(\.\d+(-r\d+)?)?$/.test(version)) {
    check.fault("spec.version", "must be X.Y, X.Y.Z or X.Y.Z-rN");
  }
  if (rules.legacy) check.text(spec.region, "spec.region");
  const params = check.object(spec.extendParams, "spec.extendParams");
  const clusters = params && check.list(params.clusters, "spec.extendParams.clusters");
  if (clusters && clusters.length !== 1) {
    check.fault("spec.extendParams.clusters", "must be one cluster in the Basic edition");
  }
  for (const [index, cluster] of (clusters ?? []).entries()) {
    validateCluster(check, cluster, `spec.extendParams.clusters[${index}]`, rules);
  }
  const minor = minorOf(version ?? rules.latestVersion);
  if (spec.ipv6Enable !== undefined && typeof spec.ipv6Enable !== "boolean") {
    check.fault("spec.ipv6Enable", "must be a boolean");
  }
  if (spec.ipv6Enable === true && minor < 18) check.fault("spec.ipv6Enable", "needs version 1.18 or newer");
  if (spec.tags !== undefined) validateTags(check, spec.tags);
  if (spec.config !== undefined) validateConfig(check, spec.config, minor);
}

function validateCluster(check: Check, value: unknown, path: string, { legacy }: ValidationRules): void {
  const cluster = check.object(value, path);
  if (!cluster) return;
  check.text(cluster.clusterID, `${path}.clusterID`);
  if (legacy) check.text(cluster.projectID, `${path}.projectID`);
  const installation = check.object(cluster.installation, `${path}.installation`);
  if (installation) {
    const values = validateSelector(check, installation.nodes, `${path}.installation.nodes`, ["UID"]);
    if (values?.length === 0) {
      check.fault(`${path}.installation.nodes.fieldSelector.values`, "must name at least one node");
    }
  }
  if (cluster.injection === undefined) return;
  const injection = check.object(cluster.injection, `${path}.injection`);
  if (injection?.namespaces === undefined) return;
  const keys = legacy ? ["Name", "UID"] : ["Name"];
  validateSelector(check, injection.namespaces, `${path}.injection.namespaces`, keys);
}

function validateSelector(check: Check, value: unknown, path: string, keys: string[]): unknown[] | undefined {
  const selector = check.object(value, path);
  const field = selector && check.object(selector.fieldSelector, `${path}.fieldSelector`);
  if (!field) return undefined;
  if (!keys.includes(field.key as string))
    check.fault(`${path}.fieldSelector.key`, `must be ${keys.join(" or ")}`);
  if (field.operator !== "In") check.fault(`${path}.fieldSelector.operator`, "must be In");
  const values = check.list(field.values, `${path}.fieldSelector.values`);
  for (const [i, entry] of (values ?? []).entries()) check.text(entry, `${path}.fieldSelector.values[${i}]`);
  return values;
}

const tagCharacters = /^[\p{L}\p{N} _.:/=+\-@]*$/u;

function validateTags(check: Check, value: unknown): void {
  const tags = check.list(value, "spec.tags") ?? [];
  if (tags.length > 20) check.fault("spec.tags", "must be at most 20");
  const keys = new Set<string>();
  for (const [index, entry] of tags.entries()) {
    const path = `spec.tags[${index}]`;
    const tag = check.object(entry, path);
    if (!tag) continue;
    const key = check.text(tag.key, `${path}.key`);
    if (key !== undefined) {
      if ([...key].length > 128) check.fault(`${path}.key`, "must have at most 128 characters");
      if (key.startsWith("_sys_")) check.fault(`${path}.key`, "must not start with _sys_");
      if (!tagCharacters.test(key)) check.fault(`${path}.key`, "has a character that is not allowed");
      if (keys.has(key)) check.fault(`${path}.key`, "must be unique");
      keys.add(key);
    }
    if (typeof tag.value !== "string") check.fault(`${path}.value`, "must be a string, which may be empty");
    else if ([...tag.value].length > 255) check.fault(`${path}.value`, "must have at most 255 characters");
    else if (!tagCharacters.test(tag.value))
      check.fault(`${path}.value`, "has a character that is not allowed");
  }
}

/** The minor of `1.18.7-r5` or `v1.18`; 0 when it cannot be read. */
function minorOf(version: string): number {
  return Number(/^v?\d+\.(\d+)/.exec(version)?.[1] ?? 0);
}
