import pc from "picocolors";
import { describe, expect, it } from "vitest";
import { createProgress, type ProgressMode, statusOf } from "../../../workflows/cli/output/progress.ts";

const start = Date.parse("2026-01-01T00:00:00Z");
const known = { mesh: "prod-mesh", action: "create", startedAt: start };

function watch(mode: ProgressMode, columns = 80) {
  let written = "";
  let now = start;
  const channel = {
    line: (text: string) => {
      written += `${text}\n`;
    },
    write: (text: string) => {
      written += text;
    },
    colors: pc.createColors(false),
    isTTY: mode === "live",
    columns: () => columns,
  };
  const progress = createProgress(channel, { mode, now: () => now, redrawMs: 1, heartbeatMs: 60_000 });
  return {
    progress,
    written: () => written,
    advance: (ms: number) => {
      now += ms;
    },
  };
}

describe("progress", () => {
  it("is stamped lines where there is no terminal, and nothing between notes", () => {
    const { progress, written, advance } = watch("lines");
    progress.update("r1", { ...known, state: "create-mesh" });
    progress.update("r1", {}, { event: "accepted", text: "accepted by ASM" });
    advance(2500);
    progress.update("r1", { phase: "Running" }, { event: "phase", text: "Running" });
    progress.stop();
    expect(written()).toBe(
      "2026-01-01T00:00:00Z  prod-mesh: accepted by ASM\n2026-01-01T00:00:02Z  prod-mesh: Running\n",
    );
  });

  it("says once a minute that it still waits", async () => {
    const { progress, written, advance } = watch("lines");
    progress.update("r1", { ...known, state: "poll-status", phase: "Creating" });
    advance(61_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    progress.stop();
    expect(written()).toBe("2026-01-01T00:01:01Z  prod-mesh: Creating · 1m 01s · poll-status\n");
  });

  it("is one JSON object a line with mode json", () => {
    const { progress, written } = watch("json");
    progress.update("r1", known, { event: "started", text: "run r1", data: { key: "order-1" } });
    progress.say({ event: "warning", text: "One node." });
    progress.stop();
    expect(
      written()
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      {
        time: "2026-01-01T00:00:00.000Z",
        event: "started",
        run: "r1",
        mesh: "prod-mesh",
        key: "order-1",
        text: "run r1",
      },
      { time: "2026-01-01T00:00:00.000Z", event: "warning", text: "One node." },
    ]);
  });

  it("is one line on a terminal, cut to its width, cleared at the end", () => {
    const { progress, written } = watch("live", 30);
    progress.update("r1", { ...known, state: "poll-status", phase: "Creating" });
    progress.stop();
    expect(written()).toBe("⠋ prod-mesh: Creating · 0.0s…\r\u001b[2K");
  });

  it("counts several requests", () => {
    const { progress, written } = watch("live");
    progress.update("r1", known);
    progress.update("r2", { ...known, mesh: "dev-mesh", nextAt: start + 8000 });
    progress.stop();
    expect(written()).toContain("2 requests in progress: prod-mesh, dev-mesh · next step in 8s");
  });

  it("says why it waits and when it goes on", () => {
    const view = { ...known, run: "r1", state: "create-mesh", attempts: 3, why: "CreateMesh 429 APIGW.0308" };
    expect(statusOf({ ...view, nextAt: start + 72_000 }, start + 12_000)).toBe(
      "creating · 12s · create-mesh, attempt 3 · CreateMesh 429 APIGW.0308 · next step in 1m 00s",
    );
  });
});
