import type { Config } from "../../shared/config.ts";
import { CommandError } from "./command-error.ts";
import { exitCodes } from "./exit-codes.ts";

type Need = "address" | "credentials" | "project";

/**
 * Throws a {@link CommandError} that names every variable that is still to be set for a call of ASM. Nothing has
 * been sent by then.
 */
export function requireSettings(
  config: Config,
  needs: readonly Need[] = ["address", "credentials", "project"],
): void {
  const missing = missingSettings(config).filter(({ need }) => needs.includes(need));
  if (missing.length === 0) return;
  const lines = missing.map(({ variables, what }) => `  ${variables}: ${what}`);
  throw new CommandError(
    `${missing.length === 1 ? "A setting is" : `${missing.length} settings are`} missing; nothing was sent.\n${lines.join("\n")}`,
    { exitCode: exitCodes.notAllowed, next: "Set these environment variables, then: meshflow doctor" },
  );
}

/** The settings that a call of ASM needs and that are not there. */
export function missingSettings(config: Config): { need: Need; variables: string; what: string }[] {
  const missing: { need: Need; variables: string; what: string }[] = [];
  const password = config.iam !== undefined;
  if (!config.region && !config.endpoints.asm) {
    missing.push({
      need: "address",
      variables: "HW_REGION_NAME",
      what: "the region of the mesh, such as cn-north-4 (or MESHFLOW_ASM_ENDPOINT)",
    });
  }
  if (!config.accessKey && !password) {
    missing.push({
      need: "credentials",
      variables: "HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK",
      what: "an access key (or HW_USER_NAME, HW_USER_PASSWORD, HW_DOMAIN_NAME of an IAM user)",
    });
  }
  if (!config.projectId && !password) {
    missing.push({
      need: "project",
      variables: "HUAWEICLOUD_SDK_PROJECT_ID",
      what: "the project's id, 32 letters and digits (console: My Credentials)",
    });
  }
  return missing;
}
