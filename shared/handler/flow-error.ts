import { ConfigError } from "../config.ts";
import type { MeshRequest } from "../request/mesh-request.ts";
import { failed, givenMesh, record } from "../request/step-answer.ts";
import type { StepError, StepResult } from "../request/step-result.ts";

/**
 * The result of a step that could not run: 400 for input or settings that no retry mends, 401 without credentials,
 * 503 for what may pass. Echoes what the next step or the next try must be given.
 */
export function flowError(error: unknown, event: unknown): StepResult {
  const { request, mesh, observed, warnings } = record(event);
  const answer = failed(request as MeshRequest, error, { mesh: givenMesh(mesh) });
  return {
    ...answer,
    ...known(error),
    ...(observed !== undefined && { observed: observed as Record<string, number> }),
    ...(warnings !== undefined && { warnings: warnings as string[] }),
  };
}

/** The errors of the handler itself, which no step knows. */
function known(error: unknown): { statusCode: number; error: StepError } | undefined {
  if (error instanceof ConfigError)
    return { statusCode: 400, error: { code: "INVALID_CONFIGURATION", message: error.message } };
  if (error instanceof Error && error.name === "TimeoutError")
    return { statusCode: 503, error: { code: "OUT_OF_TIME", message: outOfTime } };
  return undefined;
}

const outOfTime =
  "The function's time limit was reached before its work was done; what it had begun may still happen.";
