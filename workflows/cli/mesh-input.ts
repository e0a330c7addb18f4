import type { InvalidMeshError } from "../../shared/asm/expand.ts";
import { CommandError } from "./command-error.ts";
import { exitCodes } from "./exit-codes.ts";

/** What `create` takes on the command line to describe a mesh. */
export interface MeshFlags {
  version?: string;
  cluster?: string;
  nodes?: string[];
  namespaces?: string[];
  ipv6?: boolean;
  tag?: { key: string; value: string }[];
}

type Document = Record<string, unknown>;

/**
 * The mesh that a file (in the short or the full form, or none) and the command line ask for together; the
 * command line wins. Checks nothing: `expandMesh` does.
 */
export function meshInput(
  document: Document | undefined,
  name: string | undefined,
  flags: MeshFlags,
): Document {
  return document && ["apiVersion", "kind", "metadata", "spec"].some((key) => key in document)
    ? intoFullForm(structuredClone(document), name, flags)
    : intoShortForm(structuredClone(document ?? {}), name, flags);
}

function intoShortForm(short: Document, name: string | undefined, flags: MeshFlags): Document {
  const { version, cluster, nodes, namespaces, ipv6, tag } = flags;
  assign(short, { name, version, ipv6, tags: tag });
  if (cluster === undefined && !nodes && !namespaces) return short;
  assign(firstOf(short, "clusters"), { id: cluster, nodes, namespaces });
  return short;
}

function intoFullForm(mesh: Document, name: string | undefined, flags: MeshFlags): Document {
  const { version, cluster, nodes, namespaces, ipv6, tag } = flags;
  if (name !== undefined) assign(child(mesh, "metadata"), { name });
  const spec = child(mesh, "spec");
  assign(spec, { version, ipv6Enable: ipv6, tags: tag });
  if (cluster === undefined && !nodes && !namespaces) return mesh;
  assign(firstOf(child(spec, "extendParams"), "clusters"), {
    clusterID: cluster,
    installation: nodes && { nodes: selector("UID", nodes) },
    injection: namespaces && { namespaces: selector("Name", namespaces) },
  });
  return mesh;
}

/** The faults of a mesh that was described by options alone, in the words of the options. */
export function faultsAsOptions(error: InvalidMeshError): CommandError {
  const faults = error.faults.map(({ path, message }) =>
    path === "clusters"
      ? "  --cluster, --nodes: are missing: the CCE cluster and the nodes in it to install on"
      : `  ${optionFor(path)}: ${message}`,
  );
  return new CommandError(`The mesh is not valid; nothing was sent.\n${faults.join("\n")}`, {
    exitCode: exitCodes.usage,
    next: "meshflow create --help",
    cause: error,
  });
}

function optionFor(path: string): string {
  const known: [RegExp, string][] = [
    [/^name\b/, "<name>"],
    [/^version\b/, "--version"],
    [/^clusters(\[0\]|\.0)?(\.id)?$/, "--cluster"],
    [/nodes/, "--nodes"],
    [/namespaces/, "--namespaces"],
    [/^ipv6/, "--ipv6"],
    [/^tags/, "--tag"],
  ];
  return known.find(([pattern]) => pattern.test(path))?.[1] ?? path;
}

function assign(target: Document, values: Document): void {
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined) target[key] = value;
  }
}

function child(parent: Document, key: string): Document {
  const existing = parent[key];
  if (typeof existing === "object" && existing !== null) return existing as Document;
  const made: Document = {};
  parent[key] = made;
  return made;
}

function firstOf(parent: Document, key: string): Document {
  const existing = parent[key];
  if (!Array.isArray(existing) || existing.length === 0) parent[key] = [{}];
  return (parent[key] as Document[])[0]!;
}

function selector(key: string, values: string[]) {
  return { fieldSelector: { key, operator: "In", values } };
}
