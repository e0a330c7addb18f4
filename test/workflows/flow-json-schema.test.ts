import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { flowJsonSchema, flowJsonSchemaText } from "../../workflows/flow-json-schema.ts";
import { flowFile, officialSample } from "./sample-flows.ts";

const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(flowJsonSchema());

test("the checked-in schema is the one generated from definition.ts; vitest run test/workflows -u rewrites it", async () => {
  await expect(flowJsonSchemaText()).toMatchFileSnapshot("../../workflows/flow.schema.json");
});

test.each(["create-mesh", "delete-mesh"] as const)(
  "%s.json is valid by the schema its $schema names",
  (name) => {
    const flow = flowFile(name);

    expect(flow.$schema).toBe("./flow.schema.json");
    expect(validate(flow), JSON.stringify(validate.errors)).toBe(true);
  },
);

test("the official sample is valid, although it leaves out what has a default", () => {
  expect(validate(officialSample()), JSON.stringify(validate.errors)).toBe(true);
});

test("a retry delay over 30 seconds is refused", () => {
  const flow = { ...officialSample(), retries: [{ name: "slow", delay: 31 }] };

  expect(validate(flow)).toBe(false);
  expect(validate.errors?.[0]).toMatchObject({ instancePath: "/retries/0/delay", keyword: "maximum" });
});
