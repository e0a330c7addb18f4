import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import Database from "libsql";
import { describe, expect, test } from "vitest";
import { JournalError } from "../../../workflows/runner/errors.ts";
import { openJournal } from "../../../workflows/runner/journal.ts";
import { createRunner, type Runner } from "../../../workflows/runner/runner.ts";
import { scanWal } from "../../../workflows/runner/wal-scan.ts";
import { flow, operation, pause } from "./flows.ts";
import { cleanUp, journalFile, openRunner } from "./setup.ts";
import { VirtualClock } from "./virtual-clock.ts";

const steps = flow([operation("a", "b"), operation("b", "c"), operation("c", "done")]);
const nap = flow([pause("nap", "a", 60), operation("a", "done")]);

/** The files of a journal as they lie on disk while it is in use: what a power loss leaves. */
function snapshot(from: string, to: string): void {
  for (const end of ["", "-wal", "-shm"]) if (existsSync(from + end)) copyFileSync(from + end, to + end);
}

async function runSome(runner: Runner, count: number, prefix = "k"): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, i) => `${prefix}${i}`);
  for (const id of ids) {
    const handle = await runner.start({ definition: steps, input: { id }, key: id, executionId: id });
    await handle.result();
  }
  return ids;
}

/** Every execution that is there is whole: its records are without a gap and it can be run to its end. */
async function expectSound(file: string) {
  const clock = new VirtualClock({ auto: false });
  const runner = createRunner({ journal: file, clock, watchMs: 0, invoke: async () => ({}) });
  const { report } = runner.journal;
  const ids = runner.list().map((e) => e.id);
  for (const id of ids) {
    expect((await runner.result(id)).status).toBe("success");
    const history = runner.history(id);
    expect(history.map((e) => e.seq)).toEqual(history.map((_, i) => i + 1));
    expect(history.map((e) => e.type)).toEqual(["start", "result", "result", "result", "end"]);
  }
  await runner.close();
  return { report, ids };
}

describe("a torn journal is opened to its last whole record, and the loss is reported", () => {
  test("its log cut at every frame border, a byte before and after, and in between", async () => {
    const file = journalFile();
    const runner = openRunner({ journal: file });
    await runSome(runner, 4);
    const wal = readFileSync(`${file}-wal`);
    const frame = 24 + 4096;
    const frames = (wal.length - 32) / frame;
    expect(Number.isInteger(frames)).toBe(true);
    const cuts = [0, 1, 31, 32, 33];
    for (let i = 1; i < frames; i++) {
      const border = 32 + i * frame;
      // all borders for the arithmetic of the scan, the whole way through the runner for some
      cuts.push(border - 1, border, border + 1, border + 12, border + 24 + ((i * 977) % 4096));
    }
    let opened = 0;
    for (const [i, cut] of cuts.entries()) {
      const copy = join(dirname(file), "cut", `${i}.db`);
      mkdirSync(dirname(copy), { recursive: true });
      snapshot(file, copy);
      truncateSync(`${copy}-wal`, cut);
      const lost = scanWal(copy);
      expect(lost, `cut at ${cut}`).toBeDefined();
      expect(lost?.bytes).toBeGreaterThan(0);
      if (i % 7 === 0) {
        opened += 1;
        const { report, ids } = await expectSound(copy);
        expect(report.lost).toEqual(lost);
        expect(report.damaged).toEqual([]);
        expect(ids.length).toBeLessThanOrEqual(4);
      }
    }
    expect(opened).toBeGreaterThan(10);
  }, 60_000);

  test("without its index (as after a power loss) what is left out of the log is still told", async () => {
    const file = journalFile();
    const runner = openRunner({ journal: file });
    await runSome(runner, 2);
    const wal = readFileSync(`${file}-wal`);
    const bad = Buffer.from(wal);
    const middle = 32 + 10 * (24 + 4096) + 100;
    bad[middle] = (bad[middle] as number) ^ 0xff;
    const cases: [string, Buffer][] = [
      ["cut in a frame", wal.subarray(0, wal.length - 1_000)],
      ["a bit turned over in the middle", bad],
      ["a head that is not one", Buffer.concat([Buffer.alloc(32, 1), wal.subarray(32)])],
    ];
    for (const [what, bytes] of cases) {
      const copy = `${file}-${what.replaceAll(" ", "-")}`;
      copyFileSync(file, copy);
      writeFileSync(`${copy}-wal`, bytes);
      const { report } = await expectSound(copy);
      expect(report.lost?.bytes, what).toBeGreaterThan(0);
      expect(report.lost?.detail).toMatch(/not whole|head of the log/);
    }
  });

  test("a log that is whole, reused or absent is no loss", async () => {
    const file = journalFile();
    const runner = openRunner({ journal: file });
    await runSome(runner, 3);
    const copy = `${file}-whole`;
    snapshot(file, copy);
    expect(scanWal(copy)).toBeUndefined();
    expect((await expectSound(copy)).report).toEqual({ damaged: [] });
    // a checkpoint starts the log again: frames of the round before stay behind the new ones
    runner.journal.prepare("PRAGMA wal_checkpoint(RESTART)").get();
    await runSome(runner, 1, "later");
    snapshot(file, copy);
    expect(scanWal(copy)).toBeUndefined();
    await runner.close();
    expect(statSync(`${file}-wal`).size).toBe(0);
    expect(openJournalReport(file)).toEqual({ damaged: [] });
  });
});

describe("a bad record names its execution and the others go on", () => {
  async function withThree() {
    const journal = journalFile();
    const clock = new VirtualClock({ auto: false });
    const runner = openRunner({ journal, clock });
    for (const id of ["one", "two", "three"])
      await runner.start({ definition: nap, input: { id }, key: id, executionId: id });
    await runner.close();
    return { journal, clock };
  }

  test("in an execution's snapshot", async () => {
    const { journal, clock } = await withThree();
    const db = new Database(journal);
    db.exec(`UPDATE executions SET state = replace(state, '"nap"', '"NAP"') WHERE id = 'two'`);
    db.close();
    const events: string[] = [];
    const runner = openRunner({
      journal,
      clock,
      onEvent: (e) => events.push(`${e.type} ${e.executionId ?? ""}`),
    });
    expect(runner.get("two")).toMatchObject({
      status: "damaged",
      key: "two",
      error: { code: "DamagedRecord", message: expect.stringContaining("The record of execution two in") },
    });
    const waiting = runner.result("two");
    await clock.advance(60_000);
    expect(runner.list().map((e) => [e.id, e.status])).toEqual([
      ["three", "success"],
      ["two", "damaged"],
      ["one", "success"],
    ]);
    expect((await waiting).status).toBe("damaged");
    expect(runner.journal.report.damaged).toEqual([
      { executionId: "two", detail: "its checksum does not fit" },
    ]);
    expect(events).toContain("damaged two");
    await expect(runner.redrive("two")).rejects.toThrow('has the status "damaged"');
    expect((await runner.cancel("two")).status).toBe("damaged");
  });

  test("in its history: the rest of it is shown", async () => {
    const { journal, clock } = await withThree();
    const db = new Database(journal);
    db.exec('UPDATE events SET data = \'{"id":"forged"}\' WHERE n = 2 AND seq = 1');
    db.close();
    const runner = openRunner({ journal, clock });
    expect(runner.history("two")[0]).toMatchObject({ seq: 1, type: "start", damaged: true });
    expect(runner.history("two")[0]).not.toHaveProperty("data");
    await clock.advance(60_000);
    expect(runner.get("two")).toMatchObject({ status: "success", input: undefined });
  });

  test("in its definition", async () => {
    const { journal, clock } = await withThree();
    const db = new Database(journal);
    db.exec("UPDATE definitions SET json = replace(json, '60', '61')");
    db.close();
    const runner = openRunner({ journal, clock });
    await clock.advance(60_000);
    expect(runner.list().map((e) => e.status)).toEqual(["damaged", "damaged", "damaged"]);
    expect(runner.journal.report.damaged[0]?.detail).toBe("its definition is missing or damaged");
    const other = await runner.start({ definition: steps, input: {}, key: "new" });
    expect((await other.result()).status).toBe("success");
  });
});

describe("a damaged main file is moved aside and what can be read of it is saved", () => {
  async function filled(count: number) {
    const file = journalFile();
    const runner = openRunner({ journal: file });
    const pad = "x".repeat(600);
    for (let i = 0; i < count; i++) {
      const id = `k${i}`;
      const handle = await runner.start({ definition: steps, input: { id, pad }, key: id, executionId: id });
      await handle.result();
    }
    await runner.close();
    return file;
  }

  test("a page in the middle", async () => {
    const file = await filled(30);
    const pages = statSync(file).size / 4096;
    expect(pages).toBeGreaterThan(20);
    const bytes = readFileSync(file);
    let saved = 0;
    for (const page of [Math.floor(pages / 3), Math.floor(pages / 2), pages - 3]) {
      const copy = `${file}-${page}`;
      const bad = Buffer.from(bytes);
      bad.fill(0xa5, page * 4096, (page + 1) * 4096);
      writeFileSync(copy, bad);
      const runner = openRunner({ journal: copy });
      const { salvaged } = runner.journal.report;
      expect(salvaged?.movedTo).toMatch(/\.damaged-/);
      expect(readFileSync(salvaged?.movedTo ?? "").equals(bad)).toBe(true);
      expect(salvaged?.executions).toBeGreaterThan(10);
      expect(salvaged?.events).toBeGreaterThan(50);
      saved += salvaged?.executions ?? 0;
      const sound = runner.list().filter((e) => e.status === "success");
      expect(sound.length).toBe(salvaged?.executions);
      const handle = await runner.start({ definition: steps, input: {}, key: "new" });
      expect((await handle.result()).status).toBe("success");
      await runner.close();
      expect(openJournalReport(copy)).toEqual({ damaged: [] });
    }
    expect(saved).toBeGreaterThan(60);
  });

  test("in a journal too big to be read as a whole, when the page is met", async () => {
    const file = journalFile();
    const clock = new VirtualClock({ auto: false });
    const runner = openRunner({ journal: file, clock });
    const pad = "x".repeat(30_000);
    for (let i = 0; i < 60; i++)
      await runner.start({ definition: nap, input: { pad }, key: `k${i}`, executionId: `k${i}` });
    await runner.close();
    expect(statSync(file).size).toBeGreaterThan(1_000_000);
    const db = new Database(file);
    const pages = db
      .prepare("SELECT pageno FROM dbstat WHERE name = 'executions' AND pagetype = 'leaf' ORDER BY path")
      .all() as { pageno: number }[];
    db.close();
    const bytes = readFileSync(file);
    const page = pages[Math.floor(pages.length / 2)]?.pageno ?? 0;
    bytes.fill(0xa5, (page - 1) * 4096, page * 4096);
    for (const adopt of ["all", "own"] as const) {
      const copy = `${file}-${adopt}`;
      writeFileSync(copy, bytes);
      if (adopt === "own") {
        const reader = openRunner({ journal: copy, clock, adopt });
        expect(() => reader.list({ limit: 1_000 })).toThrow("Start again: what can be read is saved then.");
        await reader.close();
      }
      const again = openRunner({ journal: copy, clock });
      expect(again.journal.report.salvaged?.executions).toBeGreaterThan(40);
      await clock.advance(60_000);
      const ended = again.list({ limit: 1_000 }).filter((e) => e.status === "success");
      expect(ended).toHaveLength(again.journal.report.salvaged?.executions ?? 0);
      await again.close();
    }
  });

  test("its head, or all of it", async () => {
    const file = await filled(3);
    const bytes = readFileSync(file);
    for (const bad of [Buffer.concat([Buffer.alloc(100, 7), bytes.subarray(100)]), Buffer.alloc(10_000, 7)]) {
      writeFileSync(file, bad);
      const runner = openRunner({ journal: file });
      expect(runner.journal.report.salvaged).toMatchObject({ detail: "file is not a database" });
      const handle = await runner.start({ definition: steps, input: {}, key: "new" });
      expect((await handle.result()).status).toBe("success");
      await runner.close();
    }
  });

  test("not while another process uses it", async () => {
    const file = await filled(2);
    const runner = openRunner({ journal: file });
    const copy = `${file}-copy`;
    snapshot(file, copy);
    // a living owner's lock beside a file that is no database
    writeFileSync(copy, Buffer.alloc(8_192, 7));
    const lock = new Database(`${copy}-owner-1-aa.lock`);
    lock.exec("BEGIN EXCLUSIVE");
    cleanUp(() => lock.close());
    expect(() => openJournal(copy)).toThrow(JournalError);
    expect(() => openJournal(copy)).toThrow("another process uses it: stop that one first");
    await runner.close();
  });
});

describe("the file", () => {
  test("is created with its folder, for its user only", async () => {
    const file = join(dirname(journalFile()), "deep", "er", "journal.db");
    const runner = openRunner({ journal: file });
    await runSome(runner, 1);
    for (const end of ["", "-wal", "-shm", `-owner-${runner.owners()[0]?.id}.lock`])
      expect(statSync(file + end).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
  });

  test("commits to disk: write-ahead log, synchronous FULL, and waits for others", () => {
    const journal = openJournal(journalFile());
    cleanUp(() => journal.close());
    expect(journal.db.prepare("PRAGMA journal_mode").get()).toMatchObject({ journal_mode: "wal" });
    expect(journal.db.prepare("PRAGMA synchronous").get()).toMatchObject({ synchronous: 2 });
    expect(journal.db.prepare("PRAGMA busy_timeout").get()).toMatchObject({ timeout: 10_000 });
  });

  test("of a newer program is refused clearly and left as it is", () => {
    const file = journalFile();
    const journal = openJournal(file);
    journal.db.exec("UPDATE meta SET value = '99' WHERE name = 'schema'");
    journal.close();
    expect(() => openJournal(file)).toThrow(
      `The journal ${file} has schema version 99, this program knows version 1. It was written by a newer version`,
    );
    expect(existsSync(file)).toBe(true);
  });

  test("of before takeovers were noted gets their table, and keeps what it has", async () => {
    const file = journalFile();
    const runner = openRunner({ journal: file });
    await runSome(runner, 1);
    await runner.close();
    const old = openJournal(file);
    old.db.exec("DROP TABLE takeovers");
    old.close();
    const again = openRunner({ journal: file });
    const [known] = again.list();
    expect(known?.status).toBe("success");
    const types = again.history(known?.id ?? "").map((e) => e.type);
    expect(types).toEqual(["start", "result", "result", "result", "end"]);
  });

  test("that cannot be opened says so", () => {
    const file = journalFile();
    writeFileSync(file, "");
    expect(() => openJournal(join(file, "journal.db"))).toThrow(/EEXIST|ENOTDIR/);
  });
});

function openJournalReport(file: string) {
  const journal = openJournal(file);
  journal.close();
  return journal.report;
}
