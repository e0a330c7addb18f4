import * as z from "zod";
import { faultsOf, InvalidFlowError } from "./flow-faults.ts";

const displayName = (max: number) =>
  z
    .string()
    .regex(
      new RegExp(`^([_a-zA-Z0-9().-]|[\\u4e00-\\u9fa5]){1,${max}}$`),
      `must be 1 to ${max} of A-Z a-z 0-9 _ ( ) . - or Chinese characters, without spaces`,
    );

const retry = z.strictObject({
  name: displayName(256),
  delay: z.int().min(1).max(30).default(1),
  max_attempts: z.int().min(1).max(8).default(3),
});

const onError = z.strictObject({
  error: z.string().max(256).optional(),
  retry_ref: z.string().max(256).optional(),
  transition: z.string().max(256).optional(),
});

const synchronize = z.literal(
  "synchronize",
  'must be "synchronize": a flow calls its functions no other way',
);

const action = z.strictObject({
  function_ref: z.strictObject({
    ref_name: z.string().min(1).max(256),
    arguments: z.record(z.string(), z.unknown()),
    invoke_mode: synchronize.optional(),
  }),
  /** Where the API's own examples put it; the API's schema has it inside `function_ref`. */
  invoke_mode: synchronize.optional(),
});

const common = {
  id: z.string().min(1).max(64),
  name: displayName(256),
  on_errors: z.array(onError).max(200).optional(),
  state_data_filter: z
    .strictObject({ input: z.string().max(256).optional(), output: z.string().max(256).optional() })
    .optional(),
};

const operationState = z.strictObject({
  ...common,
  type: z.literal("Operation"),
  end: z.boolean(),
  transition: z.string().max(256),
  actions: z.array(action).min(1, "must name at least one function to call").max(10),
  action_mode: z.enum(["sequential", "parallel"]).optional(),
  duration: z.number().optional(),
});

/** The API allows fractions of a second in words and whole numbers in its schema: whole seconds fit both. */
const sleepState = z.strictObject({
  ...common,
  type: z.literal("Sleep"),
  end: z.literal(false, "must be false: only an End state ends a flow"),
  transition: z.string().min(1, "must name the state that follows the sleep").max(256),
  duration: z.int().min(1).max(86_400),
  actions: z.array(action).max(0, "must be empty: a Sleep state calls nothing"),
  action_mode: z.enum(["", "sequential", "parallel"]).optional(),
});

const endState = z.strictObject({
  ...common,
  type: z.literal("End"),
  end: z.literal(true, "must be true in an End state"),
  transition: z.literal("", "must be empty: nothing follows an End state"),
  actions: z.array(action).max(0, "must be empty: an End state calls nothing"),
  action_mode: z.enum(["", "sequential", "parallel"]).optional(),
  duration: z.number().optional(),
});

const trigger = z.strictObject({
  trigger_name: z.string().min(1).max(256),
  trigger_type: z.enum(["FLOWTIMER", "SMN", "APIG", "APIG_DE", "OBS"]),
  enabled: z.boolean().optional(),
  trigger_config: z
    .strictObject({
      bucket: z.string().min(1).max(64),
      events: z.array(z.string().min(1).max(64)).min(1).max(64),
      prefix: z.string().min(1).max(64),
      suffix: z.string().min(1).max(64),
    })
    .optional(),
});

/**
 * FunctionGraph's v2 flow definition (`WorkflowCreateBody`, API page functiongraph_06_1004), with the API's
 * limits, relaxed for `Sleep` and `End` states: the official sample gives an End state `actions: []` and
 * `action_mode: ""`, which the published schema itself would refuse. `$schema` is ours, for editors.
 */
export const flowDefinition = z.strictObject({
  $schema: z.string().optional(),
  name: displayName(64),
  description: displayName(512).optional(),
  start: z.string().min(1).max(256),
  functions: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(256),
        operation: z.string().max(256),
        metadata: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .max(100),
  states: z
    .array(
      z.discriminatedUnion("type", [operationState, sleepState, endState], {
        error: 'must be "Operation", "Sleep" or "End" (capitalised)',
      }),
    )
    .min(1)
    .max(100),
  constants: z.record(z.string(), z.unknown()),
  retries: z.array(retry).max(200),
  triggers: z.array(trigger).max(200).optional(),
  mode: z.enum(["NORMAL", "EXPRESS"]).optional(),
  express_config: z.strictObject({ log_level: z.enum(["ALL", "ERROR", "NONE"]).optional() }).optional(),
  enterprise_project_id: z.string().max(64).optional(),
  enable_stream_response: z.boolean().optional(),
});

export type FlowDefinition = z.infer<typeof flowDefinition>;
export type FlowState = FlowDefinition["states"][number];
export type OperationState = z.infer<typeof operationState>;

/** The definition in `json`, defaults filled in. `file` names it in the InvalidFlowError that lists all faults. */
export function parseFlowDefinition(json: unknown, file: string): FlowDefinition {
  const parsed = flowDefinition.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new InvalidFlowError(file, faultsOf(parsed.error, json));
}
