import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const here = new URL(".", import.meta.url);

test("every assumption in assumptions.md has a test whose title begins with its id", () => {
  const text = readFileSync(new URL("../../../workflows/runner/assumptions.md", here), "utf8");
  const ids = [...text.matchAll(/^- \*\*(A\d+): /gm)].map((match) => match[1]);
  expect(ids.length).toBeGreaterThan(20);
  expect(new Set(ids).size).toBe(ids.length);
  const files = [
    ...readdirSync(here).flatMap((name) => (name.endsWith(".test.ts") ? [new URL(name, here)] : [])),
    new URL("../expression.test.ts", here),
  ];
  const titles = files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/"(A\d+): /g)].map((m) => m[1]),
  );
  expect(ids.filter((id) => !titles.includes(id))).toEqual([]);
  expect(titles.filter((id) => !ids.includes(id))).toEqual([]);
});
