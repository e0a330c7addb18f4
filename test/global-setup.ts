import { execFileSync } from "node:child_process";

/** Builds the command once, so that tests which start processes start what users start. */
export default function setup(): void {
  execFileSync(process.execPath, ["build.mjs"], { stdio: "inherit" });
}
