import { readFileSync } from "node:fs";
import { text as readAll } from "node:stream/consumers";
import { isScalar, parseDocument, visit } from "yaml";
import { CommandError } from "./command-error.ts";
import type { Context } from "./context.ts";
import { exitCodes } from "./exit-codes.ts";

/** A file's text. Throws {@link CommandError} that names the file and why it cannot be read. */
export function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    const why =
      { ENOENT: "there is no such file", EISDIR: "it is a folder", EACCES: "not permitted" }[code] ?? code;
    throw new CommandError(`Cannot read ${file}: ${why}.`, { exitCode: exitCodes.usage, cause: error });
  }
}

/** Parses JSON; a fault is told with file, line and column. */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = (error as Error).message;
    const position = /at position (\d+)/.exec(message)?.[1];
    const before = text.slice(0, Number(position ?? 0)).split("\n");
    const where = position === undefined ? file : `${file}:${before.length}:${before.at(-1)!.length + 1}`;
    throw new CommandError(
      `${where}: this is not JSON: ${message.replace(/( in JSON)? at position.*/, "")}`,
      { exitCode: exitCodes.usage },
    );
  }
}

/** Reads a JSON or YAML document from a file, or from standard input for `-`. */
export async function readDocument(context: Context, file: string): Promise<unknown> {
  const name = file === "-" ? "standard input" : file;
  if (file === "-" && context.terminal.input.isTTY) {
    context.terminal.err.line("Reading from standard input; end with Ctrl-D.");
  }
  const text = file === "-" ? await readAll(context.terminal.input) : readText(file);
  const document = parseDocument(text, { prettyErrors: false });
  const [fault] = document.errors;
  if (fault) {
    const line = text.slice(0, fault.pos[0]).split("\n").length;
    throw new CommandError(`${name}:${line}: this is neither JSON nor YAML: ${fault.message}`, {
      exitCode: exitCodes.usage,
    });
  }
  visit(document, {
    Pair(_, { key, value }) {
      if (!isScalar(key) || !texts.has(String(key.value)) || !isScalar(value)) return;
      if (typeof value.value === "number" && value.source !== undefined) value.value = value.source;
    },
  });
  const value: unknown = document.toJS();
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new CommandError(`${name} holds no object: a mesh is a JSON or YAML object.`, {
      exitCode: exitCodes.usage,
      next: "A short one: { name: prod-mesh, clusters: [{ id: CLUSTER_ID, nodes: [NODE_ID] }] }",
    });
  }
  return value;
}

/** Fields that are texts also when they look like numbers: an unquoted `version: 1.10` must not become 1.1. */
const texts = new Set(["version", "name", "id", "clusterID"]);
