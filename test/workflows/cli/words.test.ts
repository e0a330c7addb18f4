import pc from "picocolors";
import { describe, expect, it } from "vitest";
import { nearest } from "../../../workflows/cli/nearest.ts";
import { formatAge, formatDuration, parseDuration } from "../../../workflows/cli/output/duration.ts";
import { clip, pairs, printable, table } from "../../../workflows/cli/output/table.ts";
import { findRunId } from "../../../workflows/cli/run-id.ts";

const colors = pc.createColors(false);

describe("nearest", () => {
  it.each([
    ["creat", "create"],
    ["DELTE", "delete"],
    ["lsit", "list"],
    ["statsu", "status"],
    ["nonsense", undefined],
    ["", undefined],
  ])("of %j is %j", (word, expected) => {
    expect(nearest(word, ["create", "status", "list", "delete"])).toBe(expected);
  });
});

describe("durations", () => {
  it.each([
    ["90s", 90_000],
    ["30m", 1_800_000],
    ["1h30m", 5_400_000],
    ["1.5h", 5_400_000],
    ["2d", 172_800_000],
    ["30", undefined],
    ["0s", undefined],
    ["-5m", undefined],
    ["5 m", undefined],
    ["", undefined],
  ])("%j is %j ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    [0, "0.0s"],
    [420, "0.4s"],
    [949, "0.9s"],
    [950, "1s"],
    [59_499, "59s"],
    [59_500, "1m 00s"],
    [754_000, "12m 34s"],
    [11_100_000, "3h 05m"],
    [180_000_000, "2d 2h"],
    [-5, "0.0s"],
  ])("%d ms reads %j", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it("has no age for a time that is not there or no time", () => {
    expect([formatAge(undefined, 0), formatAge("soon", 0)]).toEqual(["-", "-"]);
  });
});

describe("tables", () => {
  it("aligns columns, also under wide characters, and ends no line with a space", () => {
    const rows = [
      ["网格", "Running"],
      ["prod-mesh", ""],
    ];
    expect(table(["NAME", "PHASE"], rows, { colors })).toBe(
      "NAME       PHASE\n网格       Running\nprod-mesh",
    );
  });

  it("lets the columns named give way one after the other where the terminal is narrow", () => {
    const rows = [["a-very-long-name", "1234567890123456"]];
    expect(table(["NAME", "UID"], rows, { colors, columns: 28, shrink: [1, 0] })).toBe(
      "NAME              UID\na-very-long-name  123456789…",
    );
    expect(table(["NAME", "UID"], rows, { colors, columns: 20, shrink: [1, 0] })).toBe(
      "NAME        UID\na-very-lo…  1234567…",
    );
  });

  it("wraps values at spaces and leaves out what is not known", () => {
    const entries = [
      ["hint", "remove the namespace and try it again"],
      ["uid", undefined],
    ] as const;
    expect(pairs(entries, colors, 30)).toBe("hint  remove the namespace\n      and try it again");
  });

  it("lets nothing from outside move the cursor", () => {
    expect(printable("a\u001b[2Jb\r\nc\u0007")).toBe("a [2Jb c ");
  });

  it("cuts with an ellipsis", () => {
    expect([clip("abcdef", 6), clip("abcdef", 4), clip("网格网格", 5)]).toEqual(["abcdef", "abc…", "网格…"]);
  });
});

describe("run ids", () => {
  const ids = ["abcdef0123456789abcdef0123456789", "abcdef9999999999abcdef0123456789"];

  it("are found in full and by a prefix of 6 and more that only one has", () => {
    expect(findRunId(ids[0]!, ids)).toBe(ids[0]);
    expect(findRunId("abcdef9", ids)).toBe(ids[1]);
  });

  it.each([
    ["abcdef", 2, "2 runs begin with abcdef: abcdef012345, abcdef999999."],
    ["abcd", 6, 'No run and no mesh "abcd" in this journal.'],
    ["123456", 6, "No run 123456 in this journal."],
  ])("refuse %s with exit %d", (text, exitCode, message) => {
    expect(() => findRunId(text, ids)).toThrow(expect.objectContaining({ message, exitCode }));
  });
});
