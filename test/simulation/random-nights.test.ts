import fc from "fast-check";
import { expect, test } from "vitest";
import type { ExecutionSummary } from "../../workflows/runner/runner.ts";
import type { Fault, Operation } from "./asm-model.ts";
import { createRequest, createWorld, deleteRequest, start, type World } from "./world.ts";

const minute = 60_000;
/** One request's night is at most this long: a deadline of an hour, five deaths and what was being done in each. */
const longestNight = 6 * 60 * minute;

/** Calls of one operation, from the `from`th on, to which the same thing happens. */
interface Burst {
  operation: Operation;
  from: number;
  length: number;
  fault: Fault;
}

const burst: fc.Arbitrary<Burst> = fc.record({
  operation: fc.constantFrom("CreateMesh", "ShowMesh", "ListMeshes", "DeleteMesh"),
  from: fc.integer({ min: 1, max: 6 }),
  length: fc.constantFrom(1, 2, 5, 40),
  fault: fc.constantFrom("unsent", "unavailable", "lost", "busy"),
});

const death = fc.record({
  /** After this many ms of life, or at this write to the journal. */
  after: fc.oneof(
    fc.record({ ms: fc.oneof(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 0, max: 20 * minute })) }),
    fc.record({ write: fc.integer({ min: 1, max: 6 }), side: fc.constantFrom("before", "after") }),
  ),
  downMs: fc.constantFrom(0, 5_000, 10 * minute),
});

const night = fc.record({
  phases: fc
    .record({
      creatingMs: fc.constantFrom(0, 20_000, 5 * minute, 25 * minute, 24 * 60 * minute),
      strange: fc.boolean(),
      last: fc.constantFrom("Running", "Running", "Running", "CreateFailed"),
    })
    .map(({ creatingMs, strange, last }): [number, string][] => [
      [0, "Creating"],
      ...(strange ? ([[creatingMs / 2, "Polishing"]] as [number, string][]) : []),
      [creatingMs, last],
    ]),
  lagMs: fc.constantFrom(0, 3_000, 30_000),
  deletingMs: fc.constantFrom(0, 30_000, 10 * minute, Number.POSITIVE_INFINITY),
  bursts: fc.array(burst, { maxLength: 4 }),
  foreign: fc.constantFrom("none", "none", "other name", "same name", "same name later"),
  vanishMs: fc.option(fc.integer({ min: 0, max: 10 * minute }), { freq: 4, nil: undefined }),
  deadlineMs: fc.constantFrom(minute, 10 * minute, 30 * minute, 60 * minute),
  deafUntilMs: fc.constantFrom(0, 0, 0, 2 * minute),
  deaths: fc.array(death, { maxLength: 5 }),
});

type Night = typeof night extends fc.Arbitrary<infer T> ? T : never;

function worldOf({ phases, lagMs, deletingMs, bursts, deafUntilMs }: Night): World {
  return createWorld({
    phases,
    lagMs,
    deletingMs,
    deafUntilMs,
    fault: (operation, n) =>
      bursts.find((one) => one.operation === operation && n >= one.from && n < one.from + one.length)?.fault,
  });
}

/** Lets the night happen, deaths and all; whoever asked asks again after each death, under the same request id. */
async function live(
  world: World,
  { deaths, deadlineMs }: Night,
  asked: Parameters<World["start"]>[0],
): Promise<ExecutionSummary> {
  const request = {
    ...asked,
    requestedAt: new Date(start).toISOString(),
    deadline: new Date(start + deadlineMs).toISOString(),
  };
  for (const { after, downMs } of deaths) {
    if ("write" in after) {
      world.crashAfter(after.write, after.side);
      const ended = (await world.start(request)) === "crashed" ? "crashed" : await world.runUntilEnd();
      if (ended !== "crashed") return ended;
    } else {
      if ((await world.start(request)) === "crashed") throw new Error("no death was due yet");
      await world.advance(after.ms);
      world.crash();
    }
    await world.advance(downMs);
    world.restart();
  }
  await world.start(request);
  return (await world.runUntilEnd()) as ExecutionSummary;
}

function expectOneTelling(world: World, ended: ExecutionSummary) {
  const { outcome } = ended.output as { outcome: string };
  expect(ended.status).toBe("success");
  expect(world.tellings()).toBe(1);
  expect(world.story().filter((line) => line.endsWith(" end"))).toHaveLength(1);
  expect(ended.endedAt! - start).toBeLessThan(longestNight);
  // a message that a dying process had sent already is sent again under its old id, so that receivers can tell
  const ids = new Set(world.told.map(({ messageId }) => messageId));
  expect(ids).toContain(`${ended.id}:${outcome}`);
  return outcome;
}

test("whatever a night brings, a create leaves at most one mesh of ours, one ending, and one telling of it", async () => {
  await fc.assert(
    fc.asyncProperty(night, async (given) => {
      const world = worldOf(given);
      const { foreign, vanishMs } = given;
      if (foreign === "other name") world.asm.put({ name: "your-mesh" });
      if (foreign === "same name") world.asm.put({ name: "my-mesh", ageMs: 60 * minute });
      if (foreign === "same name later") {
        void world.clock.sleep(150).then(
          () => world.asm.put({ name: "my-mesh" }),
          () => {},
        );
      }
      if (vanishMs !== undefined) void world.clock.sleep(vanishMs).then(() => world.asm.vanish("my-mesh"));
      const outcome = expectOneTelling(world, await live(world, given, createRequest));

      const ours = world.asm.meshes.filter(({ by }) => by === "client");
      const theirs = world.asm.meshes.filter(({ by }) => by !== "client");
      // only a mesh that somebody removed under our eyes may be followed by a second one
      expect(ours.filter(({ goneAt }) => goneAt === undefined).length).toBeLessThanOrEqual(1);
      if (vanishMs === undefined) expect(ours.length).toBeLessThanOrEqual(1);
      expect(world.asm.calls.DeleteMesh).toBe(0);
      if (foreign === "same name" && vanishMs === undefined) expect(ours).toEqual([]);
      if (outcome === "succeeded") expect(ours.length).toBeGreaterThanOrEqual(1);
      expect(theirs.every(({ deletedAt }) => deletedAt === undefined)).toBe(true);
      await world.close();
    }),
    { numRuns: 40 },
  );
});

test("whatever a night brings, a delete takes the one mesh that was meant, one ending, and one telling of it", async () => {
  await fc.assert(
    fc.asyncProperty(night, async (given) => {
      const world = worldOf(given);
      const wanted = world.asm.put({ name: "my-mesh", ageMs: 24 * 60 * minute });
      const other = world.asm.put({ name: "your-mesh", ageMs: 24 * 60 * minute });
      if (given.vanishMs !== undefined) {
        void world.clock.sleep(given.vanishMs).then(() => world.asm.vanish("my-mesh"));
      }
      const outcome = expectOneTelling(world, await live(world, given, deleteRequest));

      expect(world.asm.meshes).toHaveLength(2);
      expect(other.deletedAt).toBeUndefined();
      if (outcome === "succeeded") expect(wanted.goneAt).toBeLessThanOrEqual(world.clock.now());
      await world.close();
    }),
    { numRuns: 25 },
  );
});
