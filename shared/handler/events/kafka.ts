import * as z from "zod/mini";

/** Messages of Kafka topics, both kinds of trigger. */
export const kafkaEvent = z.looseObject({
  trigger_type: z.enum(["KAFKA", "OPENSOURCEKAFKA"]),
  /** Seconds since 1970. */
  event_time: z.number(),
  region: z.optional(z.string()),
  instance_id: z.optional(z.string()),
  records: z.array(z.looseObject({ topic_id: z.string(), messages: z.array(z.string()) })),
});
