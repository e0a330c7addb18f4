import * as z from "zod";
import { variableNames } from "../shared/config.ts";
import { faultsOf } from "./flow-faults.ts";

/** A function.json with every fault in one message, by its path. */
export class InvalidFunctionSettingsError extends Error {
  override readonly name = "InvalidFunctionSettingsError";
}

/**
 * How a function is deployed: the one source of its settings, beside its code in `function.json`. Throws
 * {@link InvalidFunctionSettingsError}; `file` names it in the message.
 */
export function parseFunctionSettings(json: unknown, file: string): FunctionSettings {
  const parsed = functionSettings.safeParse(json);
  if (parsed.success) return parsed.data;
  const lines = faultsOf(parsed.error, json).map(
    ({ path, message }) => `- ${path || "(the whole)"}: ${message}`,
  );
  throw new InvalidFunctionSettingsError(`${file} is not usable:\n${lines.join("\n")}`);
}

const memorySizes = [
  128, 256, 512, 768, 1024, 1280, 1536, 1792, 2048, 2560, 3072, 3584, 4096, 8192, 10240,
] as const;

const secretName = /(_SK|SECRET_KEY|SECRET|PASSWORD|TOKEN)$/;

const variable = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9_]*$/, "must be of letters, digits and _, with a letter first")
      .refine((name) => !name.startsWith("RUNTIME_"), "belongs to the platform")
      .refine((name) => variableNames.includes(name) || name.startsWith("RUNTIME_"), {
        error: "is not a variable that meshflow reads",
      }),
    /** Goes to `encrypted_user_data`: plain variables are shown on the console. */
    secret: z.boolean().default(false),
    optional: z.boolean().default(false),
  })
  .refine(({ name, secret }) => secret || !secretName.test(name), {
    error: 'holds a secret: must have "secret": true',
    path: ["secret"],
  });

const destination = z.strictObject({
  type: z.enum(["OBS", "SMN", "DIS", "FunctionGraph"]),
  /** The destination's own settings; sent as JSON text. */
  param: z.record(z.string(), z.unknown()),
});

const triggerTypes = [
  "TIMER",
  "APIG",
  "DEDICATEDGATEWAY",
  "APIC",
  "SMN",
  "OBS",
  "LTS",
  "CTS",
  "KAFKA",
  "OPENSOURCEKAFKA",
  "EVENTGRID",
] as const;

/** Limits: FunctionGraph's quota page and the API reference of CreateFunction and UpdateFunctionAsyncInvokeConfig. */
export const functionSettings = z.strictObject({
  name: z
    .string()
    .regex(
      /^[A-Za-z]([\w-]{0,58}[A-Za-z0-9])?$/,
      "must be 1 to 60 of letters, digits, _ and -, a letter first and no _ or - last",
    ),
  description: z.string().max(512),
  /** Cannot be changed once the function exists. The bundles are made for 20.15. */
  runtime: z.enum(["Node.js20.15", "Node.js22.18"]),
  handler: z.string().regex(/^[\w/-]+\.\w+$/, "must be FILE.FUNCTION such as index.handler"),
  memoryMb: z.literal(memorySizes, `must be one of ${memorySizes.join(", ")}`),
  timeoutSeconds: z.int().min(3).max(259_200),
  /** IAM agency whose temporary keys each invocation gets; `${…}` is filled in at deployment. */
  agency: z.string().min(1),
  environment: z
    .array(variable)
    .max(20)
    .refine((variables) => new Set(variables.map(({ name }) => name)).size === variables.length, {
      error: "names a variable twice",
    }),
  triggers: z.array(
    z.strictObject({
      type: z.enum(triggerTypes),
      active: z.boolean(),
      /** `event_data` of the API: what it holds depends on the type. */
      data: z.record(z.string(), z.unknown()),
    }),
  ),
  concurrency: z.strictObject({
    /** -1: no limit. */
    maxInstances: z
      .int()
      .min(-1)
      .max(1000)
      .refine((count) => count !== 0, "must not be 0, which disables the function"),
    requestsPerInstance: z.int().min(1).max(1000),
  }),
  /** Never left to the platform's defaults, on which its own pages differ. */
  async: z.strictObject({
    maxAgeSeconds: z.int().min(1).max(86_400),
    retries: z.int().min(0).max(3),
    onSuccess: destination.nullable(),
    onFailure: destination.nullable(),
  }),
});

export type FunctionSettings = z.infer<typeof functionSettings>;
