import * as z from "zod/mini";

/** Changes in a bucket, from the trigger of OBS itself; through EventGrid they are CloudEvents. */
export const obsEvent = z.looseObject({
  Records: z.array(
    z.looseObject({
      eventName: z.string(),
      eventTime: z.optional(z.string()),
      s3: z.looseObject({
        bucket: z.looseObject({ name: z.string() }),
        object: z.looseObject({
          key: z.string(),
          size: z.optional(z.number()),
          eTag: z.optional(z.string()),
          sequencer: z.optional(z.string()),
        }),
      }),
    }),
  ),
});
