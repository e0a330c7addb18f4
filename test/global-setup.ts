import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";

/**
 * Builds the command once, so that tests which start processes start what users start. Where the build fails,
 * nothing is left to start by mistake: those tests fail, the others still tell what they know.
 */
export default function setup(): void {
  const build = spawnSync(process.execPath, ["build.mjs"], { stdio: "inherit" });
  if (build.status !== 0) rmSync("dist", { recursive: true, force: true });
}
