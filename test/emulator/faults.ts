import * as z from "zod";
import { type Operation, operations } from "./routes.ts";

/** Answers that take the place of the real one; the request is not carried out unless `processed`. */
const replacements = [
  "html-502",
  "empty-502",
  "empty-503",
  "empty-504",
  "internal-error",
  "request-timeout",
  "throttled",
  "locked",
  "token-expired",
  "gateway-404",
  "unauthorized",
  "forbidden",
  "answer",
] as const;

/** Faults of the connection, or of an answer that is otherwise right. */
const spoilers = [
  "reset",
  "timeout",
  "lost-answer",
  "slow-body",
  "cut-body",
  "broken-json",
  "wrong-json",
  "delay",
  "duplicate",
] as const;

/** What becomes of the mesh that the request is about; the answer is right. */
const fates = ["create-failed", "stuck", "vanish", "delete-failed"] as const;

export const faultKinds = [...spoilers, ...replacements, ...fates] as const;

/** Other names by which people know an operation. */
const aliases: Record<string, Operation> = {
  GetMesh: "ShowMesh",
  ListMesh: "ListMeshes",
  CreateToken: "KeystoneCreateUserTokenByPassword",
  Publish: "PublishMessage",
};

const known = new Set<string>(operations);

/** A fault to be met by the next matching requests that pass authentication and throttling. */
export const fault = z.strictObject({
  /** Operation name (`CreateMesh`, `ShowMesh`, `ListMeshes`, `DeleteMesh`, …) or `*`. */
  on: z.string().transform((name, context) => {
    const operation = aliases[name] ?? name;
    if (operation === "*" || known.has(operation)) return operation as Operation | "*";
    context.addIssue({ code: "custom", message: `is not an operation: use *, ${[...known].join(", ")}` });
    return z.NEVER;
  }),
  fault: z.enum(faultKinds),
  /** How many requests meet it. */
  times: z.union([z.number().int().positive(), z.literal("always")]).default(1),
  /** How many matching requests pass before it. */
  after: z.number().int().nonnegative().default(0),
  /** Only requests about the mesh (or sink) of this name. */
  name: z.string().optional(),
  /** Carry the request out before answering wrongly (or never). */
  processed: z.boolean().optional(),
  /** Wait so long before the answer, or between two pieces of a slow body. */
  delayMs: z.number().nonnegative().optional(),
  retryAfterSeconds: z.number().nonnegative().optional(),
  /** Added to the answer of any fault. */
  headers: z.record(z.string(), z.string()).optional(),
  /** The answer of the fault `answer`; `status` also overrides that of `internal-error`. */
  status: z.number().int().min(200).max(599).optional(),
  body: z.unknown().optional(),
});

export type Fault = z.input<typeof fault>;
export type ActiveFault = z.output<typeof fault>;

/** The faults still to be met, in the order they were added. */
export class Faults {
  #waiting: (ActiveFault & { left: number; toSkip: number })[] = [];

  add(input: Fault): void {
    const parsed = fault.parse(input);
    const left = parsed.times === "always" ? Number.POSITIVE_INFINITY : parsed.times;
    this.#waiting.push({ ...parsed, left, toSkip: parsed.after });
  }

  clear(): void {
    this.#waiting = [];
  }

  /** The faults not yet used up, with how often each is still met. */
  list(): (ActiveFault & { left: number | "always" })[] {
    return this.#waiting.map(({ left, toSkip: _, ...rest }) => ({
      ...rest,
      left: Number.isFinite(left) ? left : "always",
    }));
  }

  /** Takes the fault that this request meets. `subject` names the mesh it is about; asked only when needed. */
  take(operation: Operation, subject: () => string | undefined): ActiveFault | undefined {
    if (this.#waiting.length === 0) return undefined;
    for (const [index, candidate] of this.#waiting.entries()) {
      if (candidate.on !== "*" && candidate.on !== operation) continue;
      if (candidate.name !== undefined && candidate.name !== subject()) continue;
      if (candidate.toSkip > 0) {
        candidate.toSkip -= 1;
        continue;
      }
      candidate.left -= 1;
      if (candidate.left <= 0) this.#waiting.splice(index, 1);
      return candidate;
    }
    return undefined;
  }
}

/** `CreateMesh:lost-answer:2:processed`: operation, fault, then how often (or `always`), then `processed`. */
export function parseFault(text: string): Fault {
  const [on = "", kind, ...rest] = text.split(":");
  const parsed: Fault = { on, fault: kind as Fault["fault"] };
  for (const word of rest) {
    if (word === "processed") parsed.processed = true;
    else parsed.times = word === "always" ? word : Number(word);
  }
  return parsed;
}

export function isFate(kind: ActiveFault["fault"]): boolean {
  return (fates as readonly string[]).includes(kind);
}
