import { readdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { openJournal } from "../../../workflows/runner/journal.ts";
import { createRunner, type RunnerEvent, type RunnerOptions } from "../../../workflows/runner/runner.ts";
import { action, flow, operation, pause } from "./flows.ts";
import { cleanUp, journalFile, until } from "./setup.ts";
import { calls, spawnRunner } from "./spawn-runner.ts";

const named = (id: string, name: string, next: string) => operation(id, next, { actions: [action(name)] });
const hanging = flow([named("wait", "hang", "done")]);
const quick = flow([operation("a", "b"), operation("b", "c"), operation("c", "done")]);

function files() {
  const journal = journalFile();
  const log = `${journal}.log`;
  writeFileSync(log, "");
  return { journal, log };
}

/** A runner in this process, in real time. */
function here(journal: string, options: Partial<RunnerOptions> = {}) {
  const events: RunnerEvent[] = [];
  const seen: string[] = [];
  const runner = createRunner({
    journal,
    invoke: async (name) => {
      seen.push(name);
      return {};
    },
    onEvent: (event) => events.push(event),
    ...options,
  });
  cleanUp(() => runner.close());
  return { runner, events, seen };
}

describe("a second process on the same journal", () => {
  test("never crashes and never runs the same execution", async () => {
    const { journal, log } = files();
    const processes = await Promise.all([spawnRunner(journal, log), spawnRunner(journal, log)]);
    const slow = flow([named("a", "slow-20", "b"), named("b", "slow-20", "done")]);
    const keys = Array.from({ length: 40 }, (_, i) => `k${i}`);
    for (const process of processes)
      for (const key of keys) process.send({ do: "start", key, definition: slow, input: { key } });
    for (const process of processes)
      for (const key of keys) expect(await process.said({ ended: key })).toMatchObject({ status: "success" });
    const made = calls(log).map(([, execution, state]) => `${execution} ${state}`);
    expect(made).toHaveLength(80);
    expect(new Set(made).size).toBe(80);
    expect(processes.flatMap((p) => p.lines).filter((line) => line.error)).toEqual([]);
  });

  test("can say which process owns what, and follows it to its result", async () => {
    const { journal, log } = files();
    const other = await spawnRunner(journal, log);
    const slow = flow([named("a", "slow-600", "done")]);
    other.send({ do: "start", key: "k", definition: slow, input: {} });
    await other.said({ started: "k" });
    const { runner, seen } = here(journal);
    const owner = { pid: other.pid, alive: true, self: false, host: expect.any(String) };
    expect(runner.get("k")).toMatchObject({ status: "running", owner });
    expect(runner.list()).toMatchObject([{ id: "k", owner }]);
    expect(runner.owners()).toMatchObject([owner, { pid: process.pid, self: true }]);
    const same = await runner.start({ definition: slow, input: {}, key: "k", executionId: "k" });
    expect(same.created).toBe(false);
    expect((await same.result()).status).toBe("success");
    expect(seen).toEqual([]);
    expect(runner.get("k")).not.toHaveProperty("owner");
  });

  test("takes over within 2 seconds of the owner's death, with the same attempt", async () => {
    const { journal, log } = files();
    const other = await spawnRunner(journal, log);
    other.send({ do: "start", key: "running", definition: hanging, input: {} });
    other.send({ do: "start", key: "asleep", definition: flow([pause("nap", "done", 1)]), input: {} });
    await until(() => calls(log).length === 1);
    await other.said({ started: "asleep" });
    const { runner, events, seen } = here(journal);
    expect(events.map((e) => e.type)).toEqual([]);
    const results = Promise.all([runner.result("running"), runner.result("asleep")]);
    await other.kill();
    const died = performance.now();
    await until(() => events.some((e) => e.type === "adopted"));
    expect(performance.now() - died).toBeLessThan(2_000);
    expect((await results).map((r) => r.status)).toEqual(["success", "success"]);
    expect(events.find((e) => e.type === "invoke")).toMatchObject({ executionId: "running", attempt: 1 });
    expect(seen).toEqual(["hang"]);
    expect(runner.owners()).toMatchObject([{ pid: process.pid, self: true }]);
    expect(readdirSync(dirname(journal)).filter((name) => name.endsWith(".lock"))).toHaveLength(1);
  });

  test("the first record after a takeover says when and by which process; a sleep is not written for it", async () => {
    const { journal, log } = files();
    const other = await spawnRunner(journal, log);
    const naps = (seconds: number) => flow([pause("nap", "a", seconds), operation("a", "done")]);
    const two = flow([named("a", "hang", "b"), operation("b", "done")]);
    other.send({ do: "start", key: "running", definition: two, input: {} });
    other.send({ do: "start", key: "napping", definition: naps(1), input: {} });
    other.send({ do: "start", key: "asleep", definition: naps(3_600), input: {} });
    await until(() => calls(log).length === 1);
    await other.said({ started: "asleep" });
    await other.kill();
    const before = Date.now();
    const { runner } = here(journal);
    const after = Date.now();
    await Promise.all([runner.result("running"), runner.result("napping")]);
    const marks = (id: string) => runner.history(id).map(({ type, resumed }) => [type, resumed?.pid]);
    const { pid } = process;
    expect(marks("running")).toEqual([
      ["start", undefined],
      ["result", pid],
      ["result", undefined],
      ["end", undefined],
    ]);
    expect(marks("napping")).toEqual([
      ["start", undefined],
      ["wake", pid],
      ["result", undefined],
      ["end", undefined],
    ]);
    expect(marks("asleep")).toEqual([["start", undefined]]);
    const at = runner.history("napping")[1]?.resumed?.at;
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(after);
    await runner.close();
    const rows = openJournal(journal);
    cleanUp(() => rows.close());
    expect(rows.prepare("SELECT seq, pid FROM takeovers").all()).toEqual([
      { seq: 2, pid },
      { seq: 2, pid },
    ]);
  });

  test("takes over at once from a process that closes", async () => {
    const { journal, log } = files();
    const other = await spawnRunner(journal, log);
    other.send({ do: "start", key: "k", definition: hanging, input: {} });
    await until(() => calls(log).length === 1);
    const { runner } = here(journal);
    other.send({ do: "close" });
    expect((await runner.result("k")).status).toBe("success");
    expect(await other.exited).toEqual([0, null]);
  });

  test("with adopt own leaves alone what it was not asked for", async () => {
    const { journal, log } = files();
    const other = await spawnRunner(journal, log);
    for (const key of ["asked", "other"]) other.send({ do: "start", key, definition: hanging, input: {} });
    await until(() => calls(log).length === 2);
    await other.kill();
    const { runner } = here(journal, { adopt: "own" });
    const handle = await runner.start({ definition: hanging, input: {}, key: "asked", executionId: "asked" });
    expect((await handle.result()).status).toBe("success");
    expect(runner.get("other")).toMatchObject({ status: "running", owner: { pid: other.pid, alive: false } });
    expect(await runner.resume()).toBe(1);
    expect((await runner.result("other")).status).toBe("success");
  });

  test("with adopt own goes on with what it started once more, when the process that ran it dies", async () => {
    const { journal, log } = files();
    const other = await spawnRunner(journal, log);
    for (const key of ["asked", "other"]) other.send({ do: "start", key, definition: hanging, input: {} });
    await until(() => calls(log).length === 2);
    const { runner, seen } = here(journal, { adopt: "own" });
    const handle = await runner.start({ definition: hanging, input: {}, key: "asked", executionId: "asked" });
    const followed = runner.result("other");
    const waiting = handle.result();
    await other.kill();
    expect((await waiting).status).toBe("success");
    expect(seen).toEqual(["hang"]);
    expect(runner.get("other")?.status).toBe("running");
    await Promise.all([expect(followed).rejects.toThrow("closed before"), runner.close()]);
  });

  test("cancels what another one runs: its function is told and its result ignored", async () => {
    const { journal, log } = files();
    const other = await spawnRunner(journal, log);
    other.send({ do: "start", key: "k", definition: hanging, input: {} });
    other.send({ do: "start", key: "asleep", definition: flow([pause("nap", "done", 3_600)]), input: {} });
    await until(() => calls(log).length === 1);
    await other.said({ started: "asleep" });
    const { runner } = here(journal, { adopt: "own" });
    expect(await runner.cancel("k", "from outside")).toMatchObject({ status: "cancel" });
    expect(await runner.cancel("asleep")).toMatchObject({ status: "cancel" });
    await other.said({ aborted: "k" });
    expect(await other.said({ ended: "k" })).toMatchObject({ status: "cancel" });
    expect(await other.said({ ended: "asleep" })).toMatchObject({ status: "cancel" });
    expect(runner.get("k")).toMatchObject({ status: "cancel", error: { message: "from outside" } });
    expect(runner.owners()).toMatchObject([{ pid: other.pid }]);
  });

  test("redrives what failed under another one, once", async () => {
    const { journal, log } = files();
    const other = await spawnRunner(journal, log);
    other.send({ do: "start", key: "k", definition: hanging, input: {} });
    await until(() => calls(log).length === 1);
    const { runner, seen } = here(journal, { adopt: "own" });
    await runner.cancel("k");
    await other.said({ ended: "k" });
    const again = await runner.redrive("k");
    expect((await again.result()).status).toBe("success");
    expect(seen).toEqual(["hang"]);
    expect(calls(log)).toHaveLength(1);
  });
});

describe("killed at any commit, before or after it", () => {
  // start, a, b, c with the end
  test.each(["before:1", "after:1", "before:2", "after:2", "before:3", "after:3", "before:4", "after:4"])(
    "%s: the execution ends once and no step is lost",
    async (moment) => {
      const { journal, log } = files();
      const first = await spawnRunner(journal, log, moment);
      first.send({ do: "start", key: "x", definition: quick, input: { n: 1 } });
      expect(await first.exited).toEqual([null, "SIGKILL"]);
      const second = await spawnRunner(journal, log);
      second.send({ do: "start", key: "x", definition: quick, input: { n: 1 } });
      expect(await second.said({ ended: "x" })).toMatchObject({ status: "success" });
      second.send({ do: "close" });
      await second.exited;
      const after = openJournal(journal);
      cleanUp(() => after.close());
      const records = after.events(1).map((e) => `${e.seq} ${e.type} ${e.state_id}`);
      expect(records).toEqual(["1 start a", "2 result a", "3 result b", "4 result c", "5 end done"]);
      // the step in flight runs again, with the same attempt, and no other
      const made = calls(log).map(([, , state, attempt]) => `${state}${attempt}`);
      expect([...new Set(made)]).toEqual(["a1", "b1", "c1"]);
      expect(made.length).toBeLessThanOrEqual(4);
    },
  );
});
