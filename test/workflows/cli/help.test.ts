import { afterAll, describe, expect, it } from "vitest";
import { exitCodeTable } from "../../../workflows/cli/exit-codes.ts";
import { createHome } from "./run-cli.ts";

const home = createHome();
afterAll(() => home.remove());

const verbs = [
  "create",
  "status",
  "list",
  "delete",
  "runs",
  "show",
  "resume",
  "retry",
  "cancel",
  "check",
  "graph",
  "doctor",
];

describe("help", () => {
  it("lists every verb and every exit status, without an argument and with --help", async () => {
    const bare = await home.meshflow([]);
    expect(bare).toMatchObject({ code: 0, err: "" });
    for (const verb of verbs) expect(bare.out).toMatch(new RegExp(`^  ${verb} `, "m"));
    for (const [code, meaning] of exitCodeTable) {
      expect(bare.out).toContain(`${String(code).padStart(5)}  ${meaning}`);
    }
    expect((await home.meshflow(["--help"])).out).toBe(bare.out);
    expect((await home.meshflow(["help"])).out).toBe(bare.out);
  });

  it.each(verbs)(
    "explains %s with an example and --json, the same with help before the verb",
    async (verb) => {
      const after = await home.meshflow([verb, "--help"]);
      expect(after).toMatchObject({ code: 0, err: "" });
      expect(after.out).toMatch(new RegExp(`\\nExample:\\n  meshflow ${verb}\\b`));
      expect(after.out).toContain("--json");
      expect((await home.meshflow(["help", verb])).out).toBe(after.out);
    },
  );

  it("prints the version of the package", async () => {
    expect(await home.meshflow(["--version"])).toEqual({ code: 0, out: "0.1.0\n", err: "" });
  });
});

describe("a wrong command line", () => {
  it.each([
    [["creat"], "unknown command 'creat'\nDid you mean create?", "meshflow --help"],
    [["help", "lst"], "unknown command 'lst'\nDid you mean list?", "meshflow --help"],
    [["list", "--fase", "x"], "unknown option '--fase'\nDid you mean --phase?", "meshflow list --help"],
    [["list", "--phase", "runing"], "'runing' is invalid. Did you mean Running?", "meshflow list --help"],
    [["runs", "--state", "fail"], "'fail' is invalid. Did you mean failed?", "meshflow runs --help"],
    [["runs", "--limit", "0"], "It is a whole number from 1.", "meshflow runs --help"],
    [["create", "x", "--deadline", "30"], "Say the unit: 30s, 30m or 30h.", "meshflow create --help"],
    [["create", "x", "--tag", "team"], "It is key=value, such as team=payments.", "meshflow create --help"],
    [["create", "x", "--nodes", ","], "It is a list such as a,b.", "meshflow create --help"],
    [["show"], "missing required argument 'run'", "meshflow show --help"],
    [["graph", "create-mes"], "There is no flow and no file create-mes.", "Did you mean create-mesh?"],
  ])("%j ends with 2, says what is wrong and what to type", async (args, what, next) => {
    const { code, out, err } = await home.meshflow(args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(`error: `);
    expect(err).toContain(what);
    expect(err).toMatch(new RegExp(`\nnext:  .*${next.replaceAll("?", "\\?")}`));
    expect(err).not.toContain("    at ");
  });

  it("is one JSON document on standard output with --json", async () => {
    const { code, out } = await home.meshflow(["runs", "--limit", "x", "--json"]);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toEqual({
      ok: false,
      exitCode: 2,
      error: {
        message: "option '--limit <count>' argument 'x' is invalid. It is a whole number from 1.",
        next: "meshflow runs --help",
      },
    });
  });
});
