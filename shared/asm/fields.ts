import * as z from "zod/mini";
import { missingOr, strict, text } from "./faults.ts";
import { checkTags, rule } from "./rule-checks.ts";
import { meshNameFault, VERSION, versionFault } from "./rules.ts";

/** The fields that the full and the short form have in common. */

export const meshName = text("a name such as my-mesh").check(
  z.superRefine(rule(meshNameFault)),
  z.meta({ minLength: 4, maxLength: 64, pattern: "^[a-z][a-z0-9-]*[a-z0-9]$" }),
);

export const meshVersion = text("a version such as 1.18.7-r5").check(
  z.superRefine(rule(versionFault)),
  z.meta({ pattern: VERSION.source }),
);

/** Labels and annotations: texts by name. */
export const stringMap = z.record(
  z.string(),
  z.string("must be a text; put numbers and true or false in quotes"),
  { error: "must be an object of texts, such as { team: payments }" },
);

const tag = strict(
  {
    key: z.string({ error: (issue) => missingOr(issue.input, "the tag's key", "must be a text") }),
    value: z.string({
      error: (issue) => missingOr(issue.input, "the tag's value, which may be empty", "must be a text"),
    }),
  },
  "a tag with key and value",
);

/** Tags as the API takes them. */
export const tagList = z
  .array(tag, "must be a list of tags, each with key and value")
  .check(z.superRefine(checkTags, { when: () => true }));

/** Percent of the requests that are traced; the reference gives no range, a percentage has one. */
export const samplingPercentage = z
  .number("must be a number from 0 to 100")
  .check(z.gte(0, "must be a number from 0 to 100"), z.lte(100, "must be a number from 0 to 100"));

export const zipkinPort = z
  .int({
    error: (issue) => missingOr(issue.input, "the port of Zipkin, such as 9411", "must be a whole number"),
  })
  .check(z.gte(1, "must be a port from 1 to 65535"), z.lte(65535, "must be a port from 1 to 65535"));

export const providerNames = z.array(text("the name of a provider"), "must be a list of provider names");
