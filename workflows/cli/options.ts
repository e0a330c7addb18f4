import { type Command, InvalidArgumentError } from "commander";
import { nearest } from "./nearest.ts";
import { parseDuration } from "./output/duration.ts";

/** An option parser for one of a few words, in any case; a near miss is told the right word. */
export function oneOf<T extends string>(words: readonly T[]): (value: string) => T {
  return (value) => {
    const found = words.find((word) => word.toLowerCase() === value.toLowerCase());
    if (found !== undefined) return found;
    const near = nearest(value, words);
    throw new InvalidArgumentError(near ? `Did you mean ${near}?` : `It is one of ${words.join(", ")}.`);
  };
}

/** An option parser for `30m`, `90s`, `1h30m`; gives milliseconds. */
export function duration(value: string): number {
  const ms = parseDuration(value);
  if (ms === undefined) {
    throw new InvalidArgumentError(
      /^\d+$/.test(value)
        ? `Say the unit: ${value}s, ${value}m or ${value}h.`
        : "A duration is a number and a unit, such as 90s, 30m or 1h30m.",
    );
  }
  return ms;
}

/** An option parser for a whole number from 1. */
export function count(value: string): number {
  if (!/^[1-9]\d{0,5}$/.test(value)) throw new InvalidArgumentError("It is a whole number from 1.");
  return Number(value);
}

/** An option parser for `a,b,c`; may be given several times. */
export function list(value: string, before: string[] = []): string[] {
  const parts = value
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  if (parts.length === 0) throw new InvalidArgumentError("It is a list such as a,b.");
  return [...before, ...parts];
}

/** An option parser for `key=value`, given once for each pair. */
export function keyValue(
  text: string,
  before: { key: string; value: string }[] = [],
): { key: string; value: string }[] {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("It is key=value, such as team=payments.");
  return [...before, { key: text.slice(0, at), value: text.slice(at + 1) }];
}

/** Adds the option that every command has. */
export function withJson(command: Command): Command {
  return command.option(
    "--json",
    "one JSON document on standard output; progress as JSON lines on standard error",
  );
}

/** Adds one example under a command's help. */
export function withExample(command: Command, ...lines: string[]): Command {
  return command.addHelpText("after", `\nExample:\n${lines.map((line) => `  ${line}`).join("\n")}`);
}
