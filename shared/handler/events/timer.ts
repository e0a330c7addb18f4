import * as z from "zod/mini";

/** One tick of a TIMER trigger; may be delivered twice. `version` is v1.0 or v2.0. */
export const timerEvent = z.looseObject({
  trigger_type: z.literal("TIMER"),
  trigger_name: z.string(),
  /** With the offset of the trigger's time zone. */
  time: z.string(),
  version: z.optional(z.string()),
  user_event: z._default(z.nullable(z.string()), ""),
});
export type TimerEvent = z.infer<typeof timerEvent>;

/** What the trigger's owner wrote into it: JSON where it is JSON, else the text itself. */
export function timerPayload({ user_event }: Pick<TimerEvent, "user_event">): unknown {
  const text = user_event ?? "";
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
