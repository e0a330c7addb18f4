import { randomUUID } from "node:crypto";
import type { FunctionHandler } from "../../../shared/handler/create-handler.ts";
import type { StepResult } from "../../../shared/request/step-result.ts";
import { type Emulator, startEmulator } from "../../emulator/emulator.ts";
import { capturingStdout } from "./captured-stdout.ts";
import { type ContextValues, FakeContext } from "./fake-context.ts";

/** The temporary key that the function's agency gives, known to the emulated cloud. */
const agency = {
  accessKey: "TEMPORARYKEY00000000",
  secretKey: "temporary-secret-key",
  securityToken: "security-token-of-the-agency",
};

export function startCloud(): Promise<Emulator> {
  const { accessKey, secretKey, securityToken } = agency;
  return startEmulator({
    creatingMs: 150,
    deletingMs: 150,
    temporaryKeys: { [accessKey]: { secretKey, securityToken } },
  });
}

/** Invokes a worker as FunctionGraph would: with the agency's key and its user variables. */
export async function invokeWorker(
  handler: FunctionHandler,
  emulator: Emulator,
  event: unknown,
  { userData, ...values }: ContextValues = {},
): Promise<{ result: StepResult; lines: string[] }> {
  const { projectId, region } = emulator.defaults;
  const context = new FakeContext({
    agency,
    projectId,
    userData: {
      HW_REGION_NAME: region,
      MESHFLOW_ASM_ENDPOINT: emulator.asmUrl,
      MESHFLOW_SMN_ENDPOINT: emulator.smnUrl,
      ...userData,
    },
    ...values,
  });
  const { result, lines } = await capturingStdout(() => handler(event, context));
  return { result: result as StepResult, lines };
}

export function createEvent(name = "prod-mesh") {
  const clusters = [{ id: randomUUID(), nodes: [randomUUID(), randomUUID()] }];
  return {
    request: {
      requestId: randomUUID(),
      action: "create",
      mesh: { name, version: "1.18.7-r5", clusters },
    },
  };
}
