import * as z from "zod";

const limit = z.strictObject({
  limit: z.number().int().nonnegative(),
  /** 60,000 unless given. */
  windowMs: z.number().positive().optional(),
});

/** How the services behave; can be changed while the emulator runs. Times in ms. */
export const settings = z.strictObject({
  /** From the create request to `Running` (or `CreateFailed`). */
  creatingMs: z.number().nonnegative().default(100),
  /** From the delete request until the mesh is gone (or `DeleteFailed`). */
  deletingMs: z.number().nonnegative().default(100),
  /** How far the list of meshes, and the reading of one mesh, are behind. */
  listDelayMs: z.number().nonnegative().default(0),
  getDelayMs: z.number().nonnegative().default(0),
  /** DELETE of a mesh that is `Creating`: carried out, 409 ASM.01409001 or 429 ASM.01429001. */
  deleteWhileCreating: z.enum(["accepted", "conflict", "locked"]).default("accepted"),
  /** What a list without meshes has in `items`. */
  emptyList: z.enum(["array", "null", "absent"]).default("array"),
  /** Names are unique in the whole account, or in each project. */
  nameScope: z.enum(["account", "project"]).default("account"),
  /** Refuse a second mesh for a cluster with 409. */
  oneMeshPerCluster: z.boolean().default(false),
  /** Refuse a create without `spec.version`, as older states of the API do. */
  requireVersion: z.boolean().default(false),
  latestVersion: z.string().default("1.18.7-r7"),
  quotas: z.strictObject({ meshes: z.number().int().nonnegative().optional() }).default({}),
  /** The gateway's limits on ASM and SMN calls, per project. None unless given. */
  throttling: z
    .strictObject({
      reads: limit.optional(),
      writes: limit.optional(),
      retryAfterSeconds: z.number().optional(),
    })
    .default({}),
  /** Topics that exist; any well-formed one of the project when not given. */
  topics: z.array(z.string()).optional(),
  /** Lifetime of a token; 24 hours unless given. */
  tokenMs: z.number().positive().default(86_400_000),
});

export type Settings = z.output<typeof settings>;
export type SettingsInput = z.input<typeof settings>;

/** For changes: what is not named stays as it is. */
export const settingsChange = z.strictObject(
  Object.fromEntries(
    Object.entries(settings.shape).map(([key, schema]) => [
      key,
      (schema instanceof z.ZodDefault ? schema.unwrap() : schema).optional(),
    ]),
  ),
);
