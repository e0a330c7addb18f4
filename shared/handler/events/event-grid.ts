import * as z from "zod/mini";

/** An EventGrid event, which is a CloudEvent 1.0, unless the rule that sends it builds something else. */
export const eventGridEvent = z.looseObject({
  id: z.string(),
  source: z.string(),
  specversion: z.string(),
  type: z.string(),
  subject: z.optional(z.string()),
  time: z.optional(z.string()),
  datacontenttype: z.optional(z.string()),
  data: z.optional(z.unknown()),
});
