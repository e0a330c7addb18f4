import * as z from "zod/mini";

/** Its own text form, or milliseconds since 1970. */
const time = z.union([z.string(), z.number()]);

/** Something that somebody did in the account, as Cloud Trace Service records it. */
export const ctsEvent = z.looseObject({
  cts: z.looseObject({
    time,
    record_time: z.optional(time),
    service_type: z.optional(z.string()),
    resource_type: z.optional(z.string()),
    resource_name: z.optional(z.nullable(z.string())),
    resource_id: z.optional(z.nullable(z.string())),
    trace_name: z.string(),
    trace_id: z.optional(z.string()),
    trace_type: z.optional(z.string()),
    trace_status: z.optional(z.string()),
    code: z.optional(z.union([z.string(), z.number()])),
    user: z.optional(z.unknown()),
  }),
});
export type CtsEvent = z.infer<typeof ctsEvent>;

/** When it was done, in milliseconds since 1970: `2018/06/26 08:54:07 GMT+08:00` or a number; NaN for neither. */
export function ctsTime({ cts }: CtsEvent): number {
  return typeof cts.time === "number" ? cts.time : Date.parse(cts.time);
}
