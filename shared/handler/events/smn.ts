import * as z from "zod/mini";

/** Messages of an SMN topic. The list is called `record`, and each message is a text. */
export const smnEvent = z.looseObject({
  record: z.array(
    z.looseObject({
      event_source: z.optional(z.string()),
      event_subscription_urn: z.optional(z.string()),
      smn: z.looseObject({
        topic_urn: z.string(),
        message: z.string(),
        message_id: z.optional(z.string()),
        subject: z.optional(z.nullable(z.string())),
        timestamp: z.optional(z.string()),
        type: z.optional(z.string()),
        message_attributes: z.optional(z.nullable(z.unknown())),
      }),
    }),
  ),
});
