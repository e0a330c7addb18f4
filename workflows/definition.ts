import * as z from "zod";

/**
 * FunctionGraph's v2 flow definition (`WorkflowCreateBody`, API page functiongraph_06_1004), with the API's
 * limits, relaxed for `Sleep` and `End` states: the official sample gives an End state `actions: []` and
 * `action_mode: ""`, which the published schema itself would refuse.
 */
const flowName = z
  .string()
  .regex(
    /^([_a-zA-Z0-9().-]|[\u4e00-\u9fa5]){1,64}$/,
    "1 to 64 of A-Z a-z 0-9 _ ( ) . - or Chinese characters, no spaces",
  );

const retry = z.strictObject({
  name: z.string().min(1).max(256),
  delay: z.int().min(1).max(30).default(1),
  max_attempts: z.int().min(1).max(8).default(3),
});

const onError = z.strictObject({
  error: z.string().max(256).optional(),
  retry_ref: z.string().max(256).optional(),
  transition: z.string().max(256).optional(),
});

const action = z.strictObject({
  function_ref: z.strictObject({
    ref_name: z.string().min(1).max(256),
    arguments: z.record(z.string(), z.unknown()),
    invoke_mode: z.literal("synchronize").optional(),
  }),
});

const stateDataFilter = z.strictObject({
  input: z.string().max(256).optional(),
  output: z.string().max(256).optional(),
});

const common = {
  id: z.string().min(1).max(64),
  name: z.string().min(1).max(256),
  on_errors: z.array(onError).max(200).optional(),
  state_data_filter: stateDataFilter.optional(),
};

const operationState = z.strictObject({
  ...common,
  type: z.literal("Operation"),
  end: z.boolean(),
  transition: z.string().max(256),
  actions: z.array(action).min(1).max(10),
  action_mode: z.enum(["sequential", "parallel"]).optional(),
});

const sleepState = z.strictObject({
  ...common,
  type: z.literal("Sleep"),
  end: z.literal(false),
  transition: z.string().min(1).max(256),
  duration: z.int().min(1).max(86_400),
  actions: z.array(action).max(0),
  action_mode: z.literal("").optional(),
});

const endState = z.strictObject({
  ...common,
  type: z.literal("End"),
  end: z.literal(true),
  transition: z.literal(""),
  actions: z.array(action).max(0),
  action_mode: z.literal("").optional(),
});

export const flowDefinition = z.strictObject({
  $schema: z.string().optional(),
  name: flowName,
  description: z
    .string()
    .regex(/^([_a-zA-Z0-9().-]|[\u4e00-\u9fa5]){1,512}$/)
    .optional(),
  start: z.string().min(1).max(256),
  functions: z
    .array(
      z.strictObject({
        name: z.string().max(256),
        operation: z.string().max(256),
        metadata: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .max(100),
  states: z
    .array(z.discriminatedUnion("type", [operationState, sleepState, endState]))
    .min(1)
    .max(100),
  constants: z.record(z.string(), z.unknown()),
  retries: z.array(retry).max(200),
  mode: z.enum(["NORMAL", "EXPRESS"]).optional(),
});

export type FlowDefinition = z.infer<typeof flowDefinition>;
export type FlowState = FlowDefinition["states"][number];
export type OperationState = z.infer<typeof operationState>;
