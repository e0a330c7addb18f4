import fc from "fast-check";
import { expect, test } from "vitest";
import { type FlowDefinition, parseFlowDefinition } from "../../workflows/definition.ts";
import { drawTerminal, mermaid } from "../../workflows/graph.ts";
import { changed, flowFile } from "./sample-flows.ts";

const createMesh = parseFlowDefinition(flowFile("create-mesh"), "create-mesh.json");

test("create-mesh is drawn with its retries and its one notify state, in fewer than 100 columns", () => {
  const drawing = drawTerminal(createMesh);

  expect(drawing).toBe(`\
╭────────────────────────────────────────╮
│ create-mesh                            │ ↻ 503: every 20 s up to 8 times, then ───╮
│ Ask ASM to create the mesh             │ ✗ >= 400 ────────────────────────────────┤
╰────────────────────┬───────────────────╯                                          │
                     ▼                                                              │
╭────────────────────────────────────────╮                                          │
│ settle                                 │                                          │
│ Give ASM 5 seconds to begin            │                                          │
│ sleeps 5 s                             │                                          │
╰────────────────────┬───────────────────╯                                          │
                     ▼                                                              │
╭────────────────────────────────────────╮                                          │
│ poll-status                            │ ↻ 202: every 30 s up to 8 times, then ───┤
│ Wait until the mesh runs or has failed │ ↻ 503: every 30 s up to 8 times, then ───┤
│ waits up to 200 s a call               │ ✗ >= 400 ────────────────────────────────┤
╰────────────────────┬───────────────────╯                                          │
                     ▼                                                              │
╭────────────────────────────────────────╮                                          │
│ notify                                 │ ◀────────────────────────────────────────╯
│ Tell everyone who asked how it ended   │ ↻ 502: every 30 s up to 8 times, then ───╮
╰────────────────────┬───────────────────╯                                          │
                     ▼                                                              │
╭────────────────────────────────────────╮                                          │
│ done                                   │ ◀────────────────────────────────────────╯
╰────────────────────────────────────────╯
`);
  expect(Math.max(...drawing.split("\n").map((line) => line.length))).toBeLessThan(100);
});

test("create-mesh becomes Mermaid text with a broken line for every on_errors entry", () => {
  expect(mermaid(createMesh)).toBe(`\
flowchart TD
  s0["create-mesh<br/>Ask ASM to create the mesh"]
  s1("settle<br/>Give ASM 5 seconds to begin<br/>sleeps 5 s")
  s2["poll-status<br/>Wait until the mesh runs or has failed<br/>waits up to 200 s a call"]
  s3["notify<br/>Tell everyone who asked how it ended"]
  s4(("done"))
  begin(( )) --> s0
  s0 --> s1
  s0 -.->|"503: every 20 s up to 8 times, then"| s3
  s0 -.->|">= 400"| s3
  s1 --> s2
  s2 --> s3
  s2 -.->|"202: every 30 s up to 8 times, then"| s3
  s2 -.->|"503: every 30 s up to 8 times, then"| s3
  s2 -.->|">= 400"| s3
  s3 --> s4
  s3 -.->|"502: every 30 s up to 8 times, then"| s4
`);
});

test("circles, states that lead to themselves, dangling names and Chinese names are drawn", () => {
  const spoilt = changed(createMesh, {
    start: "begin",
    "states.0.on_errors.1.transition": undefined,
    "states.1.transition": "nowhere",
    "states.2.on_errors.1.transition": "create-mesh",
    "states.2.on_errors.1.retry_ref": "forever",
    "states.2.on_errors.2.transition": "poll-status",
    "states.3.name": "通知_所有人",
    "states.3.transition": "settle",
  });

  expect(drawTerminal(spoilt)).toBe(`\
starts at begin (no such state)
╭────────────────────────────────────────╮
│ create-mesh                            │ ◀────────────────────────────────────────────────╮
│ Ask ASM to create the mesh             │ ↻ 503: every 20 s up to 8 times, then ───────────│───╮
│                                        │ ✗ >= 400                                         │   │
╰────────────────────┬───────────────────╯                                                  │   │
                     ▼                                                                      │   │
╭────────────────────────────────────────╮                                                  │   │
│ settle                                 │ ◀────────────────────────────────────────────────│─╮ │
│ Give ASM 5 seconds to begin            │ then ▶ nowhere (no such state)                   │ │ │
│ sleeps 5 s                             │                                                  │ │ │
╰────────────────────────────────────────╯                                                  │ │ │
                                                                                            │ │ │
╭────────────────────────────────────────╮                                                  │ │ │
│ poll-status                            │ ↻ 202: every 30 s up to 8 times, then ───────────│─│─┤
│ Wait until the mesh runs or has failed │ ↻ 503: again by forever (no such retry), then ───╯ │ │
│ waits up to 200 s a call               │ ✗ >= 400 ▶ poll-status                             │ │
╰────────────────────┬───────────────────╯                                                    │ │
                     ▼                                                                        │ │
╭────────────────────────────────────────╮                                                    │ │
│ notify                                 │ ◀──────────────────────────────────────────────────│─╯
│ 通知 所有人                            │ then ──────────────────────────────────────────────╯
│                                        │ ↻ 502: every 30 s up to 8 times, then ───────────╮
╰────────────────────────────────────────╯                                                  │
                                                                                            │
╭────────────────────────────────────────╮                                                  │
│ done                                   │ ◀────────────────────────────────────────────────╯
╰────────────────────────────────────────╯
`);
  expect(mermaid(spoilt).split("\n").slice(-6)).toEqual([
    "  s3 --> s1",
    '  s3 -.->|"502: every 30 s up to 8 times, then"| s4',
    '  missing0["begin<br/>no such state"]:::missing',
    '  missing1["nowhere<br/>no such state"]:::missing',
    "  classDef missing stroke:#c00,color:#c00,stroke-dasharray:4",
    "",
  ]);
});

test("the current state is marked, and colours are given only when asked for", () => {
  const marked = drawTerminal(createMesh, { current: "settle" });
  expect(marked.split("\n").filter((line) => line.includes("●"))).toEqual([
    expect.stringMatching(/^│ ● settle +│ +│$/),
  ]);
  expect(marked).not.toContain("\u001b");

  const coloured = drawTerminal(createMesh, { current: "settle", color: true });
  expect(coloured).toContain("\u001b[1m\u001b[32m● settle\u001b[39m\u001b[22m");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
  expect(coloured.replace(/\u001b\[\d+m/g, "")).toBe(marked);
});

test("words that Mermaid would read as markup are escaped", () => {
  const flow = changed(createMesh, { "states.0.on_errors.1.error": "$['a\"<b>'] >= 400" });

  expect(mermaid(flow)).toContain("|\"$['a#34;#60;b>'] >= 400\"|");
});

test("every definition can be drawn, whatever its transitions name, and always in the same way", () => {
  const ids = ["a", "b", "c", "d", "e", "f", "nowhere"];
  const name = fc.constantFrom(...ids);
  const state = fc.record({
    id: name,
    name: fc.constantFrom("x", "一_二"),
    type: fc.constantFrom("Operation", "Sleep", "End"),
    end: fc.boolean(),
    duration: fc.constant(5),
    transition: fc.option(name, { nil: "" }),
    actions: fc.constant([{ function_ref: { ref_name: "f", arguments: {} } }]),
    on_errors: fc.array(
      fc.record(
        { error: fc.constant("$.statusCode >= 400"), retry_ref: fc.constantFrom("r", "s"), transition: name },
        { requiredKeys: [] },
      ),
      { maxLength: 4 },
    ),
  });
  fc.assert(
    fc.property(fc.array(state, { minLength: 1, maxLength: 12 }), name, (states, start) => {
      const flow = { ...createMesh, start, states, retries: [{ name: "r", delay: 1, max_attempts: 3 }] };
      const drawing = drawTerminal(flow as unknown as FlowDefinition);

      expect(drawing).toBe(drawTerminal(structuredClone(flow) as unknown as FlowDefinition));
      expect(drawing.split("\n").filter((line) => line.startsWith("╭"))).toHaveLength(states.length);
      expect(mermaid(flow as unknown as FlowDefinition).startsWith("flowchart TD\n")).toBe(true);
    }),
  );
});
