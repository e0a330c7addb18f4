import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** [importing file, imported path] pairs that go against the import direction. */
const breaches: [string, string][] = [
  ["shared/huaweicloud/a.ts", "../asm/b.ts"],
  ["shared/asm/a.ts", "../outbound/b.ts"],
  ["shared/asm/b.ts", "../../shared/outbound/b.ts"],
  ["shared/outbound/a.ts", "../../functions/notify/notify.ts"],
  ["shared/request/a.ts", "../../workflows/definition.ts"],
  ["shared/handler/a.ts", "../inbound/x.ts"],
  ["shared/a.ts", "../test/x.ts"],
  ["functions/create-mesh/a.ts", "../delete-mesh/b.ts"],
  ["functions/create-mesh/b.ts", "../../functions/delete-mesh/b.ts"],
  ["functions/create-mesh/c.ts", "../../workflows/definition.ts"],
  ["functions/run-workflow/a.ts", "../../workflows/cli/b.ts"],
  ["workflows/a.ts", "./runner/step.ts"],
  ["workflows/runner/a.ts", "../../shared/asm/b.ts"],
  ["workflows/runner/b.ts", "../cli/b.ts"],
  ["workflows/host/a.ts", "../../functions/notify/notify.ts"],
  ["workflows/cli/a.ts", "../../test/x.ts"],
];

const allowed: [string, string][] = [
  ["shared/asm/fine.ts", "../huaweicloud/b.ts"],
  ["shared/outbound/fine.ts", "../request/b.ts"],
  ["functions/create-mesh/fine.ts", "../../shared/asm/b.ts"],
  ["functions/run-workflow/fine.ts", "../../workflows/runner/b.ts"],
  ["workflows/runner/fine.ts", "../definition.ts"],
  ["workflows/cli/fine.ts", "../../functions/notify/notify.ts"],
];

describe("the linter enforces the import direction", () => {
  const root = mkdtempSync(join(tmpdir(), "meshflow-imports-"));
  let output = "";

  beforeAll(() => {
    for (const file of ["biome.json", "package.json"]) copyFileSync(file, join(root, file));
    symlinkSync(join(process.cwd(), "node_modules"), join(root, "node_modules"));
    for (const [file, path] of [...breaches, ...allowed]) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), `import { x } from "${path}";\n\nexport const y = x;\n`);
    }
    const biome = join(root, "node_modules", ".bin", "biome");
    const run = spawnSync(
      biome,
      ["lint", "--vcs-enabled=false", "--max-diagnostics=200", "--only=style/noRestrictedImports"],
      { cwd: root, encoding: "utf8" },
    );
    output = run.stdout + run.stderr;
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it.each(breaches)("%s may not import %s", (file) => {
    expect(output).toContain(`${file}:1:`);
  });

  it.each(allowed)("%s may import %s", (file) => {
    expect(output).not.toContain(`${file}:1:`);
  });
});
