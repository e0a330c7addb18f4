import { CommanderError } from "commander";
import { InvalidMeshError } from "../../shared/asm/expand.ts";
import { ConfigError } from "../../shared/config.ts";

import { ApiError, CredentialsError, InvalidResponseError } from "../../shared/huaweicloud/errors.ts";
import { InvalidRequestError } from "../../shared/request/mesh-request.ts";
import { KeyConflictError } from "../runner/errors.ts";
import { CommandError } from "./command-error.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";

/** What to tell about an error, and the exit status for it. */
export interface Explanation {
  message: string;
  exitCode: ExitCode;
  next?: string | undefined;
  code?: string | undefined;
  requestId?: string | undefined;
}

/** Turns anything thrown into words: what happened, what Huawei Cloud answered, what to do next. */
export function explain(error: unknown): Explanation {
  if (error instanceof CommandError) {
    const { message, exitCode, next, code, requestId } = error;
    return { message, exitCode, next, code, requestId };
  }
  if (error instanceof CommanderError) return explainUsage(error);
  if (error instanceof ApiError) return explainApiError(error);
  if (error instanceof ConfigError) {
    return {
      message: error.message,
      exitCode: exitCodes.notAllowed,
      next: "Set them right, then: meshflow doctor",
    };
  }
  if (error instanceof CredentialsError) {
    return {
      message: error.message,
      exitCode: exitCodes.notAllowed,
      next: "Try the credentials with: meshflow doctor",
    };
  }
  if (error instanceof InvalidMeshError || error instanceof InvalidRequestError) {
    return {
      message: error.message,
      exitCode: exitCodes.usage,
      next: "See how a mesh is written: meshflow create --help",
    };
  }
  if (error instanceof KeyConflictError) {
    return {
      message: error.message.replace(/\nUse another key.*$/, ""),
      exitCode: exitCodes.conflict,
      next: "Use another --key for another request, or leave --key out.",
    };
  }
  if (error instanceof InvalidResponseError) {
    return {
      message: error.message,
      exitCode: exitCodes.unexpected,
      next: "Check that the endpoint is ASM's and not a proxy's: meshflow doctor",
    };
  }
  return {
    message: error instanceof Error ? error.message : String(error),
    exitCode: exitCodes.unexpected,
    next: "More about it with MESHFLOW_LOG_LEVEL=debug.",
  };
}

function explainUsage(error: CommanderError): Explanation {
  const shown = error.exitCode === 0 || error.code === "commander.help";
  const message = error.message.replace(/^error: /, "").replace(/\n\((Did you mean .*)\)$/, "\n$1");
  return { message: shown ? "" : message, exitCode: shown ? exitCodes.ok : exitCodes.usage };
}

function explainApiError(error: ApiError): Explanation {
  const { message, code, requestId, status, hint } = error;
  const gateway = code?.startsWith("ASM.") !== true;
  const [exitCode, next]: [ExitCode, string] =
    status === undefined || error.retryable || status >= 500
      ? [exitCodes.unreachable, "Try again in a minute; see what can be reached: meshflow doctor"]
      : status === 401
        ? [exitCodes.notAllowed, "Check the credentials: meshflow doctor"]
        : status === 403
          ? [
              exitCodes.notAllowed,
              "Ask for ASM and CCE permissions in this project; check them: meshflow doctor",
            ]
          : status === 404 && gateway
            ? [exitCodes.notAllowed, "The address is wrong: check HW_REGION_NAME and MESHFLOW_ASM_ENDPOINT."]
            : status === 404
              ? [exitCodes.notFound, "See the meshes there are: meshflow list"]
              : status === 409
                ? [exitCodes.conflict, "See the meshes there are: meshflow list"]
                : [exitCodes.failed, "Correct what is refused and try again."];
  return { message, exitCode, next: hint ?? next, code, requestId };
}
