import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { meshRequestJsonSchema } from "../../../shared/request/mesh-request-json-schema.ts";
import { body } from "../asm/fixture.ts";

const ajv = new Ajv2020.default({ strict: false, allErrors: true });
addFormats.default(ajv);
const fits = ajv.compile(meshRequestJsonSchema());
const short = { name: "payments", clusters: [{ id: "c", nodes: "n" }] };

describe("the JSON Schema of a request", () => {
  it.each([
    { action: "create", mesh: short },
    { action: "create", mesh: { ...short, tags: { a: "b" }, proxy: { includeInboundPorts: [80, "443"] } } },
    { action: "create", mesh: body() },
    { action: "delete", mesh: { name: "payments" }, requestId: "r-1", actor: { source: "cli" } },
    {
      action: "delete",
      mesh: { uid: "u" },
      requestedAt: "2026-11-24T08:00:00Z",
      replyTo: 1,
      notify: { a: 1 },
    },
  ])("takes %j", (request) => expect(fits(request)).toBe(true));

  it.each([
    {},
    { action: "update", mesh: short },
    { action: "create" },
    { action: "create", mesh: { ...short, name: "abc" } },
    { action: "create", mesh: { ...short, name: "Payments" } },
    { action: "create", mesh: { ...short, version: "latest" } },
    { action: "create", mesh: { ...short, clusters: [] } },
    { action: "create", mesh: { ...short, clusters: [short.clusters[0], short.clusters[0]] } },
    { action: "create", mesh: { ...short, colour: "red" } },
    { action: "delete", mesh: short },
    { action: "delete", mesh: { name: "payments" }, requestedAt: "today" },
    { action: "delete", mesh: { name: "payments" }, actor: { source: "mail" } },
  ])("does not take %j", (request) => expect(fits(request)).toBe(false));

  it("describes the fields for people", () => {
    expect(JSON.stringify(meshRequestJsonSchema())).toContain('"description":"the CCE cluster id"');
  });
});
