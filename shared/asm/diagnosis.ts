import { STUCK_AFTER_MS } from "./phase.ts";

/** What is known of a failure or a long wait. */
export interface Facts {
  direction: "create" | "delete";
  phase?: string | undefined;
  /** Huawei's error code, such as `ASM.01409001` or `APIGW.0308`. */
  code?: string | undefined;
  status?: number | undefined;
  message?: string | undefined;
  /** How long the mesh has been in this phase, in ms. */
  stuckMs?: number | undefined;
}

/** The likely cause and what to do, in one or two sentences; nothing where nothing useful is known. */
export function diagnose(_facts: Facts): string | undefined {
  void STUCK_AFTER_MS;
  return undefined;
}
