import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { type Emulator, startEmulator } from "../../emulator/emulator.ts";
import { cluster, createArgs, createHome, type Home } from "./run-cli.ts";

let emulator: Emulator;
const homes: Home[] = [];
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(async () => {
  for (const home of homes) home.remove();
  await emulator.close();
});

const time = z.iso.datetime();
const outcome = z.strictObject({
  ok: z.boolean(),
  run: z.string().regex(/^[0-9a-f]{32}$/),
  key: z.string(),
  action: z.enum(["create", "delete"]),
  state: z.enum(["running", "succeeded", "failed", "timeout", "cancelled"]),
  exitCode: z.int(),
  mesh: z.looseObject({ name: z.string(), uid: z.string().optional(), phase: z.string().optional() }),
  statusCode: z.int().optional(),
  error: z.looseObject({ code: z.string(), message: z.string() }).optional(),
  observed: z.record(z.string(), z.int()).optional(),
  warnings: z.array(z.string()),
  deliveries: z.array(z.looseObject({ destination: z.string(), status: z.enum(["delivered", "failed"]) })),
  startedAt: time,
  endedAt: time.optional(),
  elapsedMs: z.number(),
  deadline: time,
});
const progressLine = z.looseObject({ time, event: z.string(), text: z.string() });

const named = (name: string) => emulator.meshes().filter((mesh) => mesh.name === name);

/** A journal of its own, since the tests run side by side. */
function newHome(): Home {
  const home = createHome(emulator);
  homes.push(home);
  return home;
}

/** The mesh of this name goes on being Creating until the test lets it run: no test races against a timer. */
function hold(name: string): () => void {
  emulator.addFault({ on: "CreateMesh", fault: "stuck", name });
  return () => emulator.setPhase(name, "Running");
}

const newest = async (home: Home) => {
  const { out } = await home.meshflow(["runs", "--limit", "1", "--json"]);
  return (JSON.parse(out) as { runs: z.infer<typeof outcome>[] }).runs[0]!;
};

describe.concurrent("create", { timeout: 120_000 }, () => {
  it("waits until the mesh runs; result on standard output, progress on standard error, journal shows it", async () => {
    const home = newHome();
    const { code, out, err } = await home.meshflow([...createArgs("prod-mesh"), "--key", "order-1"]);
    const [mesh] = named("prod-mesh");
    expect(code).toBe(0);
    expect(out).toMatch(/^✓ prod-mesh is Running \(\d+s\)\n/);
    expect(out).toContain(`  uid      ${mesh?.uid}\n`);
    const lines = err
      .trimEnd()
      .split("\n")
      .map((line) => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}/, ""));
    expect(lines).toEqual([
      expect.stringMatching(/^prod-mesh: run [0-9a-f]{12}, key order-1$/),
      `prod-mesh: accepted by ASM, uid ${mesh?.uid}, Creating`,
      "prod-mesh: Running",
      "prod-mesh: succeeded",
    ]);

    const { run } = await newest(home);
    const runs = await home.meshflow(["runs"]);
    expect(runs.out).toMatch(new RegExp(`^${run.slice(0, 12)} +create +prod-mesh +succeeded +Running `, "m"));
    for (const id of [run, run.slice(0, 12), run.slice(0, 6)]) {
      const shown = await home.meshflow(["show", id]);
      expect(shown.code).toBe(0);
      expect(shown.out).toMatch(new RegExp(`^run +${run}$`, "m"));
      expect(shown.out).toMatch(/^\+\d+\.?\d*s +poll-status +200, mesh Running, /m);
      expect(shown.out).toMatch(/^\+\S+ +notify +told nobody$/m);
    }
    expect((await home.meshflow(["status", run])).out).toMatch(/^state +succeeded$/m);
    expect((await home.meshflow(["status", "prod-mesh"])).out).toContain(run.slice(0, 12));

    // the same key: the same run, at once; another mesh under it: refused
    const again = await home.meshflow([...createArgs("prod-mesh"), "--key", "order-1", "--json"]);
    expect(again.code).toBe(0);
    expect(outcome.parse(JSON.parse(again.out))).toMatchObject({
      ok: true,
      key: "order-1",
      state: "succeeded",
    });
    for (const line of again.err.trimEnd().split("\n")) progressLine.parse(JSON.parse(line));
    expect(named("prod-mesh")).toHaveLength(1);

    const other = await home.meshflow([...createArgs("prod-mesh", "another-cluster"), "--key", "order-1"]);
    expect({ code: other.code, out: other.out }).toEqual({ code: 9, out: "" });
    expect(other.err).toContain(`clusterID: stored "${cluster}", given "another-cluster"`);
  });

  it("keeps what failed on the way, and why it waited, for show by the mesh's name", async () => {
    const home = newHome();
    emulator.addFault({ on: "CreateMesh", fault: "lost-answer", name: "tried-mesh" });
    emulator.addFault({ on: "ShowMesh", fault: "empty-503", name: "tried-mesh" });
    expect((await home.meshflow(createArgs("tried-mesh"))).code).toBe(0);
    const { code, out } = await home.meshflow(["show", "tried-mesh"]);
    expect(code).toBe(0);
    const timeline = out
      .slice(out.indexOf("AFTER"))
      .trimEnd()
      .split("\n")
      .map((line) => line.replace(/^\+\S+ +/, "").replace(/ {2,}/g, " "));
    expect(timeline).toEqual([
      "AFTER STATE WHAT HAPPENED",
      "create-mesh request accepted",
      expect.stringMatching(
        /^create-mesh CreateMesh got no answer: (other side closed|socket hang up|read ECONNRESET)$/,
      ),
      expect.stringMatching(
        /^create-mesh 200, mesh \w+, found: an earlier attempt of this request had made it$/,
      ),
      "settle waited",
      expect.stringMatching(/^poll-status ShowMesh 503 The answer is empty\.; tried again after [\d.]+s$/),
      expect.stringMatching(/^poll-status 200, mesh Running, /),
      "notify told nobody",
      "done the end of the flow",
    ]);
  });

  it("ends with 9 for a name that another mesh has, tells its uid, and leaves it alone", async () => {
    const home = newHome();
    const uid = emulator.seedMesh({ name: "their-mesh", createdSecondsAgo: 86_400 });
    const { code, out, err } = await home.meshflow(createArgs("their-mesh"));
    expect(code).toBe(9);
    expect(out).toMatch(/^✗ their-mesh could not be created: /);
    expect(err).toContain("next:  Choose another name, or see whose it is: meshflow list\n");
    expect(named("their-mesh").map((mesh) => [mesh.uid, mesh.phase])).toEqual([[uid, "Running"]]);
  });

  it("ends with 3 for a mesh that fails, with the cause and what to type; retry sees the same mesh", async () => {
    const home = newHome();
    emulator.addFault({ on: "CreateMesh", fault: "create-failed", name: "sick-mesh" });
    const { code, out, err } = await home.meshflow(createArgs("sick-mesh"));
    const [mesh] = named("sick-mesh");
    expect(code).toBe(3);
    expect(out).toMatch(/^✗ sick-mesh could not be created: The mesh is CreateFailed\. /);
    expect(out).toContain("istio-system");
    expect(err).toContain(
      `next:  Remove it with: meshflow delete ${mesh?.uid}; then try again: meshflow retry `,
    );
    const { run } = await newest(home);
    const retried = await home.meshflow(["retry", run, "--json"]);
    expect(retried.code).toBe(3);
    expect(outcome.parse(JSON.parse(retried.out))).toMatchObject({
      state: "failed",
      mesh: { uid: mesh?.uid },
    });
    expect(named("sick-mesh")).toHaveLength(1);
  });

  it("ends with 4 at the deadline and tells the destinations", async () => {
    const home = newHome();
    emulator.addFault({ on: "CreateMesh", fault: "stuck", name: "slow-mesh" });
    const { code, out } = await home.meshflow([...createArgs("slow-mesh"), "--deadline", "6s", "--json"], {
      env: {
        MESHFLOW_SMN_TOPIC_URN: `urn:smn:cn-north-4:${emulator.defaults.projectId}:ops`,
        MESHFLOW_WEBHOOK_URL: `${emulator.url}/nothing-here`,
        MESHFLOW_WEBHOOK_SECRET: "whsec_c2VjcmV0",
      },
    });
    expect(code).toBe(4);
    expect(outcome.parse(JSON.parse(out))).toMatchObject({
      ok: false,
      exitCode: 4,
      state: "timeout",
      statusCode: 504,
      mesh: { phase: "Creating" },
      deliveries: [
        { destination: "smn:ops", status: "delivered" },
        { destination: expect.stringMatching(/^webhook:127\.0\.0\.1/), status: "failed" },
      ],
    });
    expect(emulator.published()).toHaveLength(1);
    expect((await home.meshflow(["runs", "--state", "timeout"])).out).toContain("slow-mesh");
  });
});

describe.concurrent("a request whose process ends", { timeout: 120_000 }, () => {
  it("pauses at Ctrl-C with 130 and goes on with resume", async () => {
    const home = newHome();
    const release = hold("paused-mesh");
    const { child, says, ended } = home.start([...createArgs("paused-mesh"), "--json"]);
    await says("accepted by ASM");
    child.kill("SIGINT");
    const { code, out, err } = await ended;
    expect(code).toBe(130);
    const paused = outcome.parse(JSON.parse(out));
    expect(paused).toMatchObject({ ok: false, exitCode: 130, state: "running", mesh: { phase: "Creating" } });
    const short = paused.run.slice(0, 12);
    expect(err).toContain(`run ${short} is paused, everything so far is kept.`);
    expect(err).toContain(`  meshflow resume ${short}\n`);
    expect((await home.meshflow(["show", short])).out).toMatch(/^owner +nobody \(resumable\)$/m);

    release();
    const resumed = await home.meshflow(["resume", short]);
    expect(resumed.code).toBe(0);
    expect(resumed.out).toMatch(/^✓ paused-mesh is Running /);
    expect(named("paused-mesh")).toHaveLength(1);
    expect(await home.meshflow(["resume"])).toEqual({
      code: 0,
      out: "",
      err: "Nothing to resume: every request has ended or has a process that works on it.\n",
    });
  });

  it("is continued by the same command after a kill, with one mesh", async () => {
    const home = newHome();
    const release = hold("killed-mesh");
    const first = home.start(createArgs("killed-mesh"));
    await first.says("accepted by ASM");
    first.child.kill("SIGKILL");
    await first.ended;
    release();
    const { code, err } = await home.meshflow(createArgs("killed-mesh"));
    expect(code).toBe(0);
    expect(err).toContain("killed-mesh: this request is known: following run ");
    expect(named("killed-mesh")).toHaveLength(1);
    expect((await home.meshflow(["show", "killed-mesh"])).out).toMatch(
      /^\+\S+ +\S+ +taken over by process \d+: its process was gone$/m,
    );
  });

  it("is left alone by resume with the environment of another project", async () => {
    const home = newHome();
    const release = hold("moved-mesh");
    const first = home.start(createArgs("moved-mesh"));
    await first.says("accepted by ASM");
    first.child.kill("SIGTERM");
    expect((await first.ended).code).toBe(130);
    const { run } = await newest(home);
    const env = { HUAWEICLOUD_SDK_PROJECT_ID: "f".repeat(32) };
    const { code, err } = await home.meshflow(["resume", run], { env });
    expect(code).toBe(7);
    expect(err).toContain(`belongs to project ${emulator.defaults.projectId}`);
    const all = await home.meshflow(["resume"], { env });
    expect(all.err).toContain("is left alone: it belongs to another region or project");
    release();
    const resumed = await home.meshflow(["resume", "--json"]);
    expect(resumed.code).toBe(0);
    const document = z.strictObject({ ok: z.literal(true), exitCode: z.literal(0), runs: z.array(outcome) });
    expect(document.parse(JSON.parse(resumed.out)).runs).toMatchObject([{ run, state: "succeeded" }]);
  });
});

describe.concurrent("a request that another process works on", { timeout: 120_000 }, () => {
  it("is followed, not doubled, by the same command; other settings under its name are refused with 9", async () => {
    const home = newHome();
    const release = hold("twin-mesh");
    const first = home.start(createArgs("twin-mesh"));
    await first.says("accepted by ASM");
    const watcher = home.start(["resume", (await newest(home)).run]);
    await watcher.says("works on it");
    watcher.child.kill("SIGINT");
    const same = home.start(createArgs("twin-mesh"));
    await same.says("works on it");
    const other = await home.meshflow(createArgs("twin-mesh", "another-cluster"));
    const watched = await watcher.ended;
    release();
    const second = await same.ended;
    expect(watched.code).toBe(130);
    expect(watched.err).toContain("Stopped watching. Another meshflow process goes on with run ");
    expect(second.code).toBe(0);
    expect(second.err).toContain(`process ${first.child.pid} works on it`);
    expect(other.code).toBe(9);
    expect(other.err).toContain("error: twin-mesh is being created already, with other settings (run ");
    expect((await first.ended).code).toBe(0);
    expect(named("twin-mesh")).toHaveLength(1);
  });

  it("is cancelled from here at once, with what cannot be stopped; retry goes on from there", async () => {
    const home = newHome();
    const release = hold("unwanted-mesh");
    const first = home.start(createArgs("unwanted-mesh"));
    await first.says("accepted by ASM");
    const { run } = await newest(home);
    const cancelled = await home.meshflow(["cancel", run]);
    const uid = named("unwanted-mesh")[0]?.uid;
    expect(cancelled).toEqual({
      code: 0,
      out: `Run ${run.slice(0, 12)} is cancelled.\n`,
      err: `ASM cannot be stopped: unwanted-mesh goes on being Creating. Delete it with: meshflow delete ${uid}\n`,
    });
    const { code, out } = await first.ended;
    expect(code).toBe(5);
    expect(out).toMatch(/^■ unwanted-mesh: create cancelled /);
    const again = await home.meshflow(["cancel", run, "--json"]);
    expect(JSON.parse(again.out)).toMatchObject({ ok: true, cancelled: false, state: "cancelled" });

    release();
    const retried = await home.meshflow(["retry", run]);
    expect(retried.code).toBe(0);
    expect(retried.out).toMatch(/^✓ unwanted-mesh is Running /);
    const twice = await home.meshflow(["retry", run]);
    expect(twice.code).toBe(2);
    expect(twice.err).toContain("has succeeded; there is nothing to retry.");
  });
});
