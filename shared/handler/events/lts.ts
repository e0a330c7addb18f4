import * as z from "zod/mini";

/** Lines of a log stream, packed: see {@link ltsLogs}. More than 75 KB come in several events. */
export const ltsEvent = z.looseObject({ lts: z.looseObject({ data: z.string() }) });
export type LtsEvent = z.infer<typeof ltsEvent>;

/** Unpacks the lines: base64 around JSON, in which `logs` is JSON again, as a text. Throws on anything else. */
export function ltsLogs({ lts }: LtsEvent): LtsLogs {
  const packed = packedLogs.parse(JSON.parse(Buffer.from(lts.data, "base64").toString()));
  return { ...packed, logs: logLines.parse(JSON.parse(packed.logs)) };
}

const packedLogs = z.looseObject({
  logs: z.string(),
  owner: z.optional(z.string()),
  log_group_id: z.optional(z.string()),
  log_topic_id: z.optional(z.string()),
});

const logLines = z.array(
  z.looseObject({
    message: z.string(),
    /** Milliseconds since 1970. */
    time: z.optional(z.number()),
    host_name: z.optional(z.string()),
    path: z.optional(z.string()),
    line_no: z.optional(z.number()),
  }),
);

export type LtsLogs = Omit<z.infer<typeof packedLogs>, "logs"> & { logs: z.infer<typeof logLines> };
