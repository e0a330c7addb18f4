import { describe, expect, it } from "vitest";
import type { Fault } from "../../../shared/asm/faults.ts";
import {
  InvalidRequestError,
  meshRequest,
  parseMeshRequest,
  type RequestDefaults,
} from "../../../shared/request/mesh-request.ts";
import { body } from "../asm/fixture.ts";

const now = () => Date.parse("2026-11-24T08:00:00.250Z");
const short = {
  name: "payments",
  version: "1.18.7-r5",
  clusters: [{ id: "cluster-1", nodes: ["node-1", "node-2"] }],
};

/** Everything a request can say. */
const whole = {
  requestId: "r-1",
  action: "create",
  mesh: body(),
  requestedAt: "2026-11-24T07:00:00Z",
  deadline: "2026-11-24T07:45:00Z",
  actor: { source: "chat", id: "U1", name: "Jo", channel: "#mesh" },
  replyTo: { thread: "t-1" },
  notify: { on: ["failed", "timeout"], topic: "ops" },
};

describe("a request", () => {
  it("that is whole comes back as it is, any number of times", () => {
    expect(parseMeshRequest(whole)).toStrictEqual(whole);
    expect(parseMeshRequest(parseMeshRequest(whole))).toStrictEqual(whole);
    expect(meshRequest.parse(whole)).toStrictEqual(whole);
  });

  it("gets its times, id and actor where it has none", () => {
    const defaults: RequestDefaults = {
      now,
      requestId: "timer-1",
      actor: { source: "timer", id: "nightly" },
    };
    expect(parseMeshRequest({ action: "delete", mesh: { name: "payments" } }, defaults)).toStrictEqual({
      action: "delete",
      mesh: { name: "payments" },
      requestId: "timer-1",
      requestedAt: "2026-11-24T08:00:00.250Z",
      deadline: "2026-11-24T08:30:00.250Z",
      actor: { source: "timer", id: "nightly" },
    });
  });

  it("keeps what it has, whatever the defaults are", () => {
    const defaults: RequestDefaults = { now, requestId: "other", deadlineMs: 1, actor: { source: "timer" } };
    expect(parseMeshRequest(whole, defaults)).toStrictEqual(whole);
  });

  it("has until deadlineMs after it was made, not after it is read", () => {
    const { deadline: _, ...rest } = whole;
    expect(parseMeshRequest(rest, { now, deadlineMs: 60_000 }).deadline).toBe("2026-11-24T07:01:00.000Z");
  });

  it("without an id gets one of its own, and comes from nobody in particular", () => {
    const [one, other] = [0, 1].map(() => parseMeshRequest({ action: "delete", mesh: { uid: "u" } }));
    expect(one?.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(one?.requestId).not.toBe(other?.requestId);
    expect(one?.actor).toEqual({ source: "direct" });
  });

  it("to create in the short form travels in the full form", () => {
    expect(parseMeshRequest({ ...whole, mesh: short })).toStrictEqual(whole);
  });

  const small = { action: "delete", mesh: { uid: "uid-1" } };
  const time = "must be a time in UTC such as 2026-11-24T08:00:00Z";
  const wrong: [string, unknown, Fault[]][] = [
    ["nothing", undefined, [{ path: "", message: "is missing: a request with action and mesh" }]],
    ["a list", [], [{ path: "", message: "must be an object: a request with action and mesh" }]],
    [
      "an empty object",
      {},
      [
        { path: "action", message: "is missing: create or delete" },
        { path: "mesh", message: "is missing: the mesh to create or delete" },
      ],
    ],
    [
      "another action",
      { ...small, action: "update" },
      [{ path: "action", message: 'must be "create" or "delete"' }],
    ],
    [
      "an empty id",
      { ...small, requestId: "" },
      [{ path: "requestId", message: "must have 1 to 128 characters" }],
    ],
    [
      "a long id",
      { ...small, requestId: "r".repeat(129) },
      [{ path: "requestId", message: "must have 1 to 128 characters" }],
    ],
    ["a number for an id", { ...small, requestId: 7 }, [{ path: "requestId", message: "must be a text" }]],
    [
      "a time without a zone",
      { ...small, requestedAt: "2026-11-24T08:00:00" },
      [{ path: "requestedAt", message: time }],
    ],
    [
      "times that are none",
      { ...small, requestedAt: "today", deadline: "2026-11-24T08:00:00+08:00" },
      [
        { path: "requestedAt", message: time },
        { path: "deadline", message: time },
      ],
    ],
    [
      "a deadline before the request",
      { ...small, requestedAt: "2026-11-24T08:00:00Z", deadline: "2026-11-24T08:00:00Z" },
      [{ path: "deadline", message: "must be after requestedAt, which is 2026-11-24T08:00:00Z" }],
    ],
    [
      "an unknown source",
      { ...small, actor: { source: "mail", nmae: "Jo" } },
      [
        { path: "actor.source", message: "must be one of cli, timer, webhook, chat, direct" },
        { path: "actor.nmae", message: "is not a known field; did you mean name?" },
      ],
    ],
    [
      "an unknown outcome",
      { ...small, notify: { on: ["done"] } },
      [{ path: "notify.on[0]", message: "must be a list of succeeded, failed, timeout, cancelled" }],
    ],
    [
      "notify that is no object",
      { ...small, notify: "me" },
      [{ path: "notify", message: "must be an object such as { on: [failed] }" }],
    ],
    [
      "a typing error",
      { ...small, deadlin: 1 },
      [{ path: "deadlin", message: "is not a known field; did you mean deadline?" }],
    ],
    ["a delete of nothing", { ...small, mesh: {} }, [{ path: "mesh", message: "must have a name or a uid" }]],
    [
      "a delete with the body of a create",
      { ...small, mesh: { name: "payments", clusters: [] } },
      [{ path: "mesh.clusters", message: "is not a known field; known here: name, uid" }],
    ],
    [
      "a faulty mesh in a faulty request",
      { action: "create", requestId: "", mesh: { name: "abc", clusters: [{ id: "c", nodes: [""] }] } },
      [
        { path: "requestId", message: "must have 1 to 128 characters" },
        { path: "mesh.name", message: 'must have 4 to 64 characters; "abc" has 3' },
        { path: "mesh.clusters[0].nodes[0]", message: "is empty: a CCE node id" },
      ],
    ],
    [
      "a mesh that is a text",
      { action: "create", mesh: "payments" },
      [{ path: "mesh", message: "must be an object: a mesh" }],
    ],
  ];
  it.each(wrong)("that is %s is refused with every fault", (_, input, faults) => {
    let thrown: unknown;
    try {
      parseMeshRequest(input, { now });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(InvalidRequestError);
    expect((thrown as InvalidRequestError).faults).toEqual(faults);
  });

  it("is refused in one message, a fault a line", () => {
    expect(() => parseMeshRequest({ action: "create", mesh: { name: "abc", clusters: [] } })).toThrow(
      `The request is not valid:
  mesh.name: must have 4 to 64 characters; "abc" has 3
  mesh.clusters: must name one CCE cluster`,
    );
  });
});
