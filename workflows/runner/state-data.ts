import type { FlowState } from "../definition.ts";
import { ExpressionError } from "../expression-error.ts";
import { select } from "../json-path.ts";
import type { FlowError } from "./flow-state.ts";

/** What a state's `state_data_filter` lets in or out (assumption A16). @throws ExpressionError */
export function filterData(target: FlowState, which: "input" | "output", data: unknown): unknown {
  const path = target.state_data_filter?.[which];
  if (!path || path === "$") return data;
  const value = select(path, data);
  return value === undefined ? {} : value;
}

/** The error of an execution whose flow has an expression that cannot be read; anything else is thrown on. */
export function expressionFault(error: unknown, stateId: string): FlowError {
  if (!(error instanceof ExpressionError)) throw error;
  return { code: "InvalidExpression", message: `State "${stateId}": ${error.message}` };
}
