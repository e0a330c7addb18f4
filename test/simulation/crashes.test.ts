import { expect, test } from "vitest";
import type { ExecutionSummary } from "../../workflows/runner/runner.ts";
import { createRequest, createWorld, deleteRequest, type World } from "./world.ts";

const kinds = [
  { request: createRequest, meshes: [["my-mesh", "client", false]], asked: "CreateMesh" as const },
  { request: deleteRequest, meshes: [["my-mesh", "somebody else", true]], asked: "DeleteMesh" as const },
];
const states = {
  create: ["create-mesh", "settle", "poll-status", "notify", "done"],
  delete: ["delete-mesh", "settle", "poll-status", "notify", "done"],
};

/** Starts the request, and after each death of the process starts a new one, as somebody at the terminal would. */
async function toTheEnd(world: World, request: Parameters<World["start"]>[0]): Promise<ExecutionSummary> {
  for (;;) {
    const ended = (await world.start(request)) === "started" ? await world.runUntilEnd() : "crashed";
    if (ended !== "crashed") return ended;
    await world.advance(1_000);
    world.restart();
  }
}

function expectOneOfEach(world: World, ended: ExecutionSummary, meshes: unknown) {
  expect(ended.status).toBe("success");
  expect((ended.output as { outcome: string }).outcome).toBe("succeeded");
  expect(world.asm.meshes.map(({ name, by, goneAt }) => [name, by, goneAt !== undefined])).toEqual(meshes);
  expect(world.tellings()).toBe(1);
  expect(world.story().filter((line) => line.endsWith(" end"))).toHaveLength(1);
  expect(new Set(world.told.map(({ messageId }) => messageId))).toEqual(new Set([`${ended.id}:succeeded`]));
}

test.each(kinds)(
  "$request.action: a death before or after each write to the journal leaves one mesh and one telling",
  async ({ request, meshes }) => {
    let writes = 0;
    for (const side of ["before", "after"] as const) {
      for (let at = 1; ; at++) {
        const world = createWorld();
        if (request.action === "delete") world.asm.put({ name: "my-mesh", ageMs: 3_600_000 });
        world.crashAfter(at, side);
        const ended = await toTheEnd(world, request);
        const { deaths } = world;
        expectOneOfEach(world, ended, meshes);
        expect(deaths).toBeLessThanOrEqual(1);
        await world.close();
        // the write of that number was never reached: all have had their turn
        if (deaths === 0) break;
        writes++;
      }
    }
    // start, first step, settle, poll-status, notify with the end: five writes, two sides
    expect(writes).toBe(10);
  },
);

test.each(kinds)(
  "$request.action: a death before and then one after the result of each state leaves one mesh and one telling",
  async ({ request, meshes, asked }) => {
    for (const state of states[request.action]) {
      const world = createWorld();
      if (request.action === "delete") world.asm.put({ name: "my-mesh", ageMs: 3_600_000 });
      world.crashAfter(state, "before");
      expect(await world.start(request)).toBe("started");
      expect(await world.runUntilEnd()).toBe("crashed");
      world.restart();
      world.crashAfter(state, "after");
      expect(await world.runUntilEnd()).toBe("crashed");
      world.restart();
      const ended = (await world.runUntilEnd()) as ExecutionSummary;

      expectOneOfEach(world, ended, meshes);
      expect(world.asm.calls[asked]).toBeLessThanOrEqual(2);
      await world.close();
    }
  },
);

test("a death in the middle of the create, answer on its way, leaves one mesh that is adopted", async () => {
  const world = createWorld();
  await world.start(createRequest);
  // the list has answered after 200 ms; at 300 ms the create is carried out, at 400 ms its answer would arrive
  await world.advance(350);
  world.crash();
  expect(world.asm.meshes).toHaveLength(1);
  await world.advance(60_000);
  world.restart();
  const ended = (await world.runUntilEnd()) as ExecutionSummary;

  expectOneOfEach(world, ended, [["my-mesh", "client", false]]);
  expect(world.asm.calls.CreateMesh).toBe(1);
  await world.close();
});

test("what a dead process was about to say is not heard", async () => {
  const world = createWorld();
  await world.start(createRequest);
  await world.advance(60_000);
  world.crash();
  const before = { calls: structuredClone(world.asm.calls), story: world.story().length };
  await world.advance(3_600_000);

  expect(world.asm.calls).toEqual(before.calls);
  expect(world.story()).toHaveLength(before.story);
  expect(world.told).toEqual([]);
  await world.close();
});
