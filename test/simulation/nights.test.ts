import { afterEach, expect, test } from "vitest";
import { type FlowDefinition, parseFlowDefinition } from "../../workflows/definition.ts";
import type { ExecutionSummary } from "../../workflows/runner/runner.ts";
import { changed, flowFile } from "../workflows/sample-flows.ts";
import { createRequest, createWorld, deleteRequest, start, type World } from "./world.ts";

const minute = 60_000;
const hour = 60 * minute;
let world: World;

afterEach(() => world.close());

async function night(request: Parameters<World["start"]>[0] = createRequest): Promise<ExecutionSummary> {
  expect(await world.start(request)).toBe("started");
  return (await world.runUntilEnd()) as ExecutionSummary;
}

function resultOf({ output }: ExecutionSummary) {
  const { outcome, result, mesh } = output as {
    outcome: string;
    result: { statusCode: number; error?: { code: string } };
    mesh?: { phase?: string };
  };
  return { outcome, statusCode: result.statusCode, code: result.error?.code, phase: mesh?.phase };
}

test("a mesh that takes 90 seconds is told of at the first look after that", async () => {
  world = createWorld();
  const ended = await night();

  expect(ended.status).toBe("success");
  expect(resultOf(ended)).toEqual({
    outcome: "succeeded",
    statusCode: 200,
    code: undefined,
    phase: "Running",
  });
  // looks after 0, 10, 25, 47.5, 77.5 and 107.5 s, and 0.2 s for each call
  expect(world.story()).toEqual([
    "0 create-mesh start",
    "0.4 create-mesh result 200",
    "5.4 settle wake",
    "114.1 poll-status result 200",
    "114.1 notify result 200",
    "114.1 done end",
  ]);
  expect(world.told).toEqual([{ messageId: `${ended.id}:succeeded`, outcome: "succeeded", at: 114_100 }]);
});

test("a delete of somebody's old mesh is told of when the mesh is gone, and no other mesh is touched", async () => {
  world = createWorld();
  const wanted = world.asm.put({ name: "my-mesh", ageMs: 24 * hour });
  const other = world.asm.put({ name: "your-mesh", ageMs: 24 * hour });
  const ended = await night(deleteRequest);

  expect(resultOf(ended)).toEqual({ outcome: "succeeded", statusCode: 200, code: undefined, phase: "Gone" });
  expect(world.story()).toEqual([
    "0 delete-mesh start",
    "0.4 delete-mesh result 200",
    "5.4 settle wake",
    "83.8 poll-status result 200",
    "83.8 notify result 200",
    "83.8 done end",
  ]);
  expect(wanted.goneAt).toBe(start + 60_300);
  expect(other.goneAt).toBeUndefined();
});

test("a service that is down for half a minute costs two tries, 20 seconds apart", async () => {
  world = createWorld({
    fault: (operation, n) => (operation === "ListMeshes" && n <= 2 ? "unavailable" : undefined),
  });
  await night();

  expect(world.story().slice(0, 5)).toEqual([
    "0 create-mesh start",
    "0.1 create-mesh result 503",
    "20.2 create-mesh result 503",
    "40.6 create-mesh result 200",
    "45.6 settle wake",
  ]);
});

test("a service that stays down is told of as a failure after the eighth retry, and nothing was asked for", async () => {
  world = createWorld({ fault: () => "unavailable" });
  const ended = await night();

  expect(resultOf(ended)).toMatchObject({ outcome: "failed", statusCode: 503, code: "HTTP_503" });
  expect(world.story().slice(-5)).toEqual([
    "140.8 create-mesh result 503",
    "160.9 create-mesh result 503",
    "160.9 create-mesh retries-exhausted",
    "160.9 notify result 503",
    "160.9 done end",
  ]);
  expect(world.asm.calls.CreateMesh).toBe(0);
});

test("a create whose answer is lost is found by its name as soon as the list shows it", async () => {
  world = createWorld({
    lagMs: 20_000,
    fault: (operation) => (operation === "CreateMesh" ? "lost" : undefined),
  });
  const ended = await night();

  expect(resultOf(ended).outcome).toBe("succeeded");
  expect(world.asm.calls.CreateMesh).toBe(1);
  expect(world.asm.meshes).toHaveLength(1);
});

test("a create that was never carried out is asked for again after a minute of looking", async () => {
  world = createWorld({
    fault: (operation, n) => (operation === "CreateMesh" && n === 1 ? "unavailable" : undefined),
  });
  const ended = await night();

  expect(resultOf(ended).outcome).toBe("succeeded");
  expect(world.story().slice(1, 3)).toEqual(["60.5 create-mesh result 503", "80.9 create-mesh result 200"]);
  expect(world.asm.calls.CreateMesh).toBe(2);
  expect(world.asm.meshes).toHaveLength(1);
});

test("somebody else's mesh of the same name is left alone", async () => {
  world = createWorld();
  const foreign = world.asm.put({ name: "my-mesh", ageMs: hour });
  const ended = await night();

  expect(resultOf(ended)).toMatchObject({ outcome: "failed", statusCode: 409, code: "NAME_TAKEN" });
  expect(world.asm.meshes).toEqual([foreign]);
  expect(world.asm.calls).toMatchObject({ CreateMesh: 0, DeleteMesh: 0 });
});

test("a mesh that fails is told of with the phase it failed in", async () => {
  world = createWorld({
    phases: [
      [0, "Creating"],
      [minute, "CreateFailed"],
    ],
  });
  const ended = await night();

  expect(resultOf(ended)).toEqual({
    outcome: "failed",
    statusCode: 422,
    code: "CREATE_FAILED",
    phase: "CreateFailed",
  });
});

test("a mesh that vanishes while it is waited for is told of as vanished, after the grace", async () => {
  world = createWorld();
  await world.start(createRequest);
  await world.advance(30_000);
  world.asm.vanish("my-mesh");
  const ended = (await world.runUntilEnd()) as ExecutionSummary;

  expect(resultOf(ended)).toMatchObject({ outcome: "failed", statusCode: 410, code: "VANISHED" });
});

test("phases that nobody knows yet are waited out", async () => {
  world = createWorld({
    phases: [
      [0, "Creating"],
      [minute, "Polishing"],
      [3 * minute, "Running"],
    ],
  });

  expect(resultOf(await night()).outcome).toBe("succeeded");
});

test("a mesh that never gets there is told of at the deadline, to the second", async () => {
  world = createWorld({ phases: [[0, "Creating"]] });
  const ended = await night();

  expect(resultOf(ended)).toMatchObject({ outcome: "timed_out", statusCode: 504, code: "DEADLINE_PASSED" });
  // polls of 200 s, 30 s apart, each look 0.2 s
  expect(world.story().slice(3)).toEqual([
    "205.6 poll-status result 202",
    "435.8 poll-status result 202",
    "666 poll-status result 202",
    "896.2 poll-status result 202",
    "1126.4 poll-status result 202",
    "1356.6 poll-status result 202",
    "1586.8 poll-status result 202",
    "1800.2 poll-status result 504",
    "1800.2 notify result 504",
    "1800.2 done end",
  ]);
});

test("a flow that has asked as often as it may says so, when the deadline is later still", async () => {
  world = createWorld({ phases: [[0, "Creating"]] });
  const ended = await night({ ...createRequest, deadline: new Date(start + 24 * hour).toISOString() });

  expect(resultOf(ended)).toMatchObject({ outcome: "timed_out", statusCode: 504, code: "STOPPED_WAITING" });
  expect(world.story().slice(-4)).toEqual([
    "2047.2 poll-status result 202",
    "2047.2 poll-status retries-exhausted",
    "2047.2 notify result 504",
    "2047.2 done end",
  ]);
});

test("a deadline that passes while no process runs is told of when one does again", async () => {
  world = createWorld({ phases: [[0, "Creating"]] });
  await world.start(createRequest);
  await world.advance(minute);
  world.crash();
  await world.advance(2 * hour);
  world.restart();
  const ended = (await world.runUntilEnd()) as ExecutionSummary;

  expect(resultOf(ended)).toMatchObject({ outcome: "timed_out", code: "DEADLINE_PASSED" });
  expect(world.told).toEqual([{ messageId: `${ended.id}:timed_out`, outcome: "timed_out", at: 7_260_200 }]);
});

test("a sleep that ends while no process runs has ended when one does again", async () => {
  world = createWorld();
  await world.start(createRequest);
  await world.advance(2_000);
  world.crash();
  await world.advance(10 * minute);
  world.restart();
  const ended = (await world.runUntilEnd()) as ExecutionSummary;

  expect(resultOf(ended).outcome).toBe("succeeded");
  expect(world.story().slice(2)).toEqual([
    "602 settle wake",
    "602.2 poll-status result 200",
    "602.2 notify result 200",
    "602.2 done end",
  ]);
});

test("a request that is started twice is one execution with one mesh", async () => {
  world = createWorld();
  await world.start(createRequest);
  await world.advance(10_000);
  const ended = await night();

  expect(resultOf(ended).outcome).toBe("succeeded");
  expect(world.asm.meshes).toHaveLength(1);
  expect(world.told).toHaveLength(1);
});

test("when nobody can be told, it is tried again every 30 seconds with the same message id", async () => {
  world = createWorld({ deafUntilMs: 200_000 });
  const ended = await night();

  expect(world.story().slice(3)).toEqual([
    "114.1 poll-status result 200",
    "114.1 notify result 502",
    "144.1 notify result 502",
    "174.1 notify result 502",
    "204.1 notify result 200",
    "204.1 done end",
  ]);
  expect(world.told).toEqual([{ messageId: `${ended.id}:succeeded`, outcome: "succeeded", at: 204_100 }]);
});

test("a mesh of 24 hours, with a service that fails every seventh look and a process that dies every hour, ends well", async () => {
  world = createWorld({
    definition: ladder(45),
    phases: [
      [0, "Creating"],
      [24 * hour, "Running"],
    ],
    fault: (operation, n) => (operation === "ShowMesh" && n % 7 === 0 ? "unavailable" : undefined),
  });
  await world.start({ ...createRequest, deadline: new Date(start + 25 * hour).toISOString() });
  for (let died = 0; died < 23; died++) {
    await world.advance(hour);
    world.crash();
    world.restart();
  }
  const ended = (await world.runUntilEnd()) as ExecutionSummary;

  expect(resultOf(ended).outcome).toBe("succeeded");
  expect(world.asm.meshes).toHaveLength(1);
  expect(world.told).toHaveLength(1);
  const tookMs = ended.endedAt! - ended.startedAt;
  expect(tookMs).toBeGreaterThanOrEqual(24 * hour);
  expect(tookMs).toBeLessThan(24 * hour + 2 * minute);
});

/** create-mesh with as many polls in a row, each begun when the one before has been asked as often as it may be. */
function ladder(rungs: number): FlowDefinition {
  const flow = flowFile("create-mesh");
  const [create, settle, poll, ...rest] = flow.states;
  const polls = Array.from({ length: rungs }, (_, n) => {
    const next = n + 1 < rungs ? `poll-status-${n + 1}` : "notify";
    return changed(poll, {
      id: n === 0 ? "poll-status" : `poll-status-${n}`,
      "on_errors.0.transition": next,
    });
  });
  return parseFlowDefinition({ ...flow, states: [create, settle, ...polls, ...rest] }, "ladder.json");
}
