import { record } from "../../shared/request/step-answer.ts";
import type { ExecutionSummary } from "../runner/runner.ts";
import { CommandError } from "./command-error.ts";
import type { Target } from "./composition.ts";
import { exitCodes } from "./exit-codes.ts";
import { shortRunId } from "./run-id.ts";

/** Whether a run belongs to the region and project that the environment names now. */
export function isForTarget(summary: ExecutionSummary, target: Target): boolean {
  const own = record(record(summary.input).target);
  return own.projectId === undefined || (own.projectId === target.projectId && own.region === target.region);
}

/** Throws a {@link CommandError} for a run of another region or project: continuing it here would miss its mesh. */
export function requireTarget(summary: ExecutionSummary, target: Target): void {
  if (isForTarget(summary, target)) return;
  const own = record(record(summary.input).target);
  throw new CommandError(
    `Run ${shortRunId(summary.id)} belongs to project ${own.projectId} in ${own.region ?? "its own endpoint"}, but the environment names ${target.projectId} in ${target.region ?? "its own endpoint"}.`,
    {
      exitCode: exitCodes.notAllowed,
      next: `Set HW_REGION_NAME=${own.region ?? "…"} and HUAWEICLOUD_SDK_PROJECT_ID=${own.projectId} with credentials for it.`,
    },
  );
}
