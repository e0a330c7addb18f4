import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import createMesh from "../../../workflows/create-mesh.json" with { type: "json" };
import { createHome } from "./run-cli.ts";

const home = createHome();
afterAll(() => home.remove());

const file = (name: string, text: string) => {
  const path = join(home.folder, name);
  writeFileSync(path, text);
  return path;
};

describe("check", () => {
  it("finds nothing wrong with the built-in flows", async () => {
    expect(await home.meshflow(["check"])).toEqual({
      code: 0,
      out: "ok  create-mesh (built in)\nok  delete-mesh (built in)\n",
      err: "",
    });
  });

  it("tells file, line, state, fault and fix, and ends with 2", async () => {
    const flow = structuredClone(createMesh);
    flow.states[1]!.transition = "nowhere";
    const path = file("bad.json", JSON.stringify(flow, undefined, 2));
    const line =
      JSON.stringify(flow, undefined, 2)
        .split("\n")
        .findIndex((text) => text.includes("nowhere")) + 1;
    const { code, out } = await home.meshflow(["check", path]);
    expect(code).toBe(2);
    expect(out).toContain(
      `${path}:${line}: error: state "settle": "nowhere" is no state of this flow\n    fix: use one of: `,
    );
    const json = JSON.parse((await home.meshflow(["check", path, "--json"])).out) as {
      ok: boolean;
      findings: object[];
    };
    expect(json.ok).toBe(false);
    expect(json.findings[0]).toMatchObject({ level: "error", file: path, line, state: "settle" });
  });

  it("tells where a file stops being JSON", async () => {
    const path = file("torn.json", '{\n  "name": oops\n}');
    const { code, err } = await home.meshflow(["check", path]);
    expect(code).toBe(2);
    expect(err).toMatch(/torn\.json(:2:11)?: this is not JSON/);
  });
});

describe("graph", () => {
  it("draws every state of a flow", async () => {
    const { code, out } = await home.meshflow(["graph", "delete-mesh"]);
    expect(code).toBe(0);
    for (const state of ["delete-mesh", "settle", "poll-status", "notify", "done"])
      expect(out).toContain(`│ ${state}`);
  });

  it("writes Mermaid text, in a document with --json", async () => {
    const { out } = await home.meshflow(["graph", "--mermaid"]);
    expect(out).toMatch(/^flowchart TD\n/);
    const json = JSON.parse((await home.meshflow(["graph", "--json"])).out) as object;
    expect(json).toEqual({ flow: "create-mesh", mermaid: out });
  });

  it("refuses a file that is no flow and says how to find out why", async () => {
    const path = file("other.json", '{"name":"x"}');
    expect(await home.meshflow(["graph", path])).toEqual({
      code: 2,
      out: "",
      err: `error: ${path} is not a flow that can be drawn.\nnext:  See what is wrong with it: meshflow check ${path}\n`,
    });
  });
});
