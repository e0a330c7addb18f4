import { describe, expect, it } from "vitest";
import { findMeshForDelete, mustReconcile, reconcileCreate } from "../../../shared/asm/reconcile.ts";
import { ApiError, InvalidResponseError } from "../../../shared/huaweicloud/errors.ts";
import { body, listed } from "./fixture.ts";

const requestedAt = "2026-11-24T08:00:00.700Z";
const wanting = (version: string | undefined) =>
  body((b) => {
    if (version === undefined) delete b.spec.version;
    else b.spec.version = version;
  });

describe("after a create whose outcome is not known", () => {
  it("a list without the name has no mesh of ours", () => {
    expect(reconcileCreate([], body(), { requestedAt })).toEqual({ outcome: "absent" });
    expect(reconcileCreate([listed({ name: "payments2" })], body(), { requestedAt })).toEqual({
      outcome: "absent",
    });
  });

  it("a mesh of the name, cluster, version and time is ours", () => {
    const others = [listed({ name: "shop", uid: "uid-0" }), listed(), listed({ name: "blog", uid: "uid-2" })];
    expect(reconcileCreate(others, body(), { requestedAt })).toEqual({ outcome: "ours", mesh: listed() });
  });

  const versions: [string | undefined, string | undefined, boolean][] = [
    ["1.18.7-r5", "1.18.7-r5", true],
    ["v1.18.7-r5", "1.18.7-r5", true],
    ["1.18.7-r5", "v1.18.7-r5", true],
    ["1.18", "1.18.7-r5", true],
    ["v1.18", "1.18.7-r5", true],
    ["1.18.7", "1.18.7-r5", true],
    ["1.18.7-r5", "1.18.7", true],
    [undefined, "1.18.7-r5", true],
    ["1.18.7-r5", undefined, true],
    ["1.18.7-r5", "1.18.7-r7", false],
    ["1.18.7-r1", "1.18.7-r10", false],
    ["1.1", "1.18.7-r5", false],
    ["1.15", "1.18.7-r5", false],
  ];
  it.each(versions)("asked for version %s, found %s: ours is %s", (wanted, version, ours) => {
    const found = reconcileCreate([listed({ version })], wanting(wanted), { requestedAt });
    expect(found).toEqual(
      ours
        ? { outcome: "ours", mesh: listed({ version }) }
        : {
            outcome: "foreign",
            mesh: listed({ version }),
            why: `its version is ${version}, not ${wanted}`,
          },
    );
  });

  const times: [string | undefined, string | undefined][] = [
    ["2026-11-24T08:00:00Z", undefined],
    ["2026-11-24T09:30:00Z", undefined],
    ["2026-11-24T07:55:00Z", undefined],
    [
      "2026-11-24T07:54:59Z",
      "it was created at 2026-11-24T07:54:59Z, before the request of 2026-11-24T08:00:00.700Z",
    ],
    [undefined, "it does not say when it was created"],
    ["yesterday", "it does not say when it was created"],
  ];
  it.each(times)("created at %s: foreign because %s", (createdAt, why) => {
    const mesh = listed({ createdAt });
    expect(reconcileCreate([mesh], body(), { requestedAt })).toEqual(
      why === undefined ? { outcome: "ours", mesh } : { outcome: "foreign", mesh, why },
    );
  });

  it("the clock skew is settable, and without any a mesh of the same second is still ours", () => {
    const at = (createdAt: string) =>
      reconcileCreate([listed({ createdAt })], body(), { requestedAt, clockSkewMs: 0 }).outcome;
    expect(at("2026-11-24T08:00:00Z")).toBe("ours");
    expect(at("2026-11-24T07:59:59Z")).toBe("foreign");
  });

  it.each([
    ["cluster-2", "it is in cluster cluster-2, not cluster-1"],
    [undefined, "it is in cluster unknown, not cluster-1"],
  ])("a mesh of the name in cluster %s is foreign", (cluster, why) => {
    const mesh = listed({ cluster });
    expect(reconcileCreate([mesh], body(), { requestedAt })).toEqual({ outcome: "foreign", mesh, why });
  });

  it("a mesh without a uid is not ours to follow", () => {
    const mesh = listed({ uid: undefined });
    expect(reconcileCreate([mesh], body(), { requestedAt })).toEqual({
      outcome: "foreign",
      mesh,
      why: "it has no uid",
    });
  });

  it("ours is found beside a foreign mesh of the same name", () => {
    const foreign = listed({ uid: "uid-0", cluster: "cluster-2" });
    expect(reconcileCreate([foreign, listed()], body(), { requestedAt })).toEqual({
      outcome: "ours",
      mesh: listed(),
    });
  });

  it("two meshes that could be ours are foreign, and both are named", () => {
    const twin = listed({ uid: "uid-2" });
    expect(reconcileCreate([listed(), twin], body(), { requestedAt })).toEqual({
      outcome: "foreign",
      mesh: listed(),
      why: "2 meshes could be the one asked for: uid-1, uid-2",
    });
  });
});

describe("which failed creates must be settled by listing", () => {
  const error = (status: number | undefined, ambiguous: boolean) =>
    new ApiError("failed", {
      operation: "CreateMesh",
      method: "POST",
      url: "https://asm.test/v1/p/meshes",
      retryable: false,
      status,
      ambiguous,
    });
  const rows: [string, unknown, boolean][] = [
    ["no answer after sending", error(undefined, true), true],
    ["504", error(504, true), true],
    ["409", error(409, false), true],
    [
      "201 without a uid",
      new InvalidResponseError("no uid", { operation: "CreateMesh", status: 201, ambiguous: true }),
      true,
    ],
    ["400", error(400, false), false],
    ["no connection", error(undefined, false), false],
    ["another error", new Error("no"), false],
  ];
  it.each(rows)("%s → %s", (_, thrown, must) => expect(mustReconcile(thrown)).toBe(must));
});

describe("which mesh a delete means", () => {
  it("by uid it is that one", () => {
    expect(findMeshForDelete([listed({ uid: "uid-0" }), listed()], { uid: "uid-1" }, requestedAt)).toEqual({
      outcome: "found",
      mesh: listed(),
    });
    expect(findMeshForDelete([listed()], { uid: "uid-9" }, requestedAt)).toEqual({ outcome: "absent" });
  });

  it("by uid it does not matter when it was created", () => {
    const late = listed({ createdAt: "2026-11-25T08:00:00Z" });
    expect(findMeshForDelete([late], { uid: "uid-1" }, requestedAt)).toEqual({
      outcome: "found",
      mesh: late,
    });
  });

  it("a uid of a mesh with another name is refused", () => {
    expect(findMeshForDelete([listed()], { name: "shop", uid: "uid-1" }, requestedAt)).toEqual({
      outcome: "refused",
      why: "the mesh uid-1 is called payments, not shop",
    });
  });

  it("by name it is the only one of that name", () => {
    const old = listed({ createdAt: "2026-11-01T08:00:00Z" });
    expect(findMeshForDelete([listed({ name: "shop" }), old], { name: "payments" }, requestedAt)).toEqual({
      outcome: "found",
      mesh: old,
    });
    expect(findMeshForDelete([old], { name: "shop" }, requestedAt)).toEqual({ outcome: "absent" });
  });

  it("a name that two bear is refused, and both are named", () => {
    expect(
      findMeshForDelete([listed(), listed({ uid: "uid-2" })], { name: "payments" }, requestedAt),
    ).toEqual({
      outcome: "refused",
      why: "2 meshes are called payments: uid-1, uid-2; name one by its uid",
    });
  });

  it("a mesh that was created after the request is another one, and refused", () => {
    expect(findMeshForDelete([listed()], { name: "payments" }, requestedAt)).toEqual({
      outcome: "refused",
      why: "the mesh payments (uid-1) was created at 2026-11-24T08:00:10Z, after the request of 2026-11-24T08:00:00.700Z; to delete it, name it by its uid",
    });
  });

  it("a mesh without a uid is refused, since a delete goes by uid", () => {
    expect(findMeshForDelete([listed({ uid: undefined })], { name: "payments" }, requestedAt)).toEqual({
      outcome: "refused",
      why: "the mesh payments has no uid",
    });
  });
});
