import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readConfig } from "../../shared/config.ts";
import { parseMeshRequest } from "../../shared/request/mesh-request.ts";
import { builtInFlow } from "../../workflows/cli/built-in-flows.ts";
import { compose } from "../../workflows/cli/composition.ts";
import { createRunner } from "../../workflows/runner/runner.ts";
import { startEmulatorProcess } from "../emulator/emulator-process.ts";

export interface RequestsResult {
  requests: number;
  succeeded: number;
  meshes: number;
  wallSeconds: number;
  apiCalls: number;
  peakRssMiB: number;
}

/**
 * `count` create requests at once through one process: the real flow, the real journal on disk, real HTTP to the
 * emulator in a process of its own. The rate budgets are lifted, since they would be all that is measured.
 */
export async function benchRequests(count = 1000): Promise<RequestsResult> {
  const folder = mkdtempSync(join(tmpdir(), "meshflow-bench-"));
  const emulator = await startEmulatorProcess(["--creating-seconds", "2"]);
  const config = readConfig({
    ...emulator.environment,
    MESHFLOW_READS_PER_SECOND: "1000000",
    MESHFLOW_WRITES_PER_MINUTE: "1000000",
    MESHFLOW_POLL_SECONDS: "2",
  });
  let apiCalls = 0;
  const { invoke } = await compose(config, { onAttempt: () => apiCalls++ });
  const runner = createRunner({ journal: join(folder, "journal.db"), invoke, concurrency: count });
  const memory = watchMemory();
  const started = performance.now();
  const ended = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const request = parseMeshRequest({
        requestId: `bench-${index}`,
        action: "create",
        mesh: {
          name: `bench-${index}`,
          version: "1.18",
          clusters: [
            { id: `11111111-2222-3333-4444-${String(index).padStart(12, "0")}`, nodes: ["node-1", "node-2"] },
          ],
        },
        actor: { source: "direct" },
      });
      const handle = await runner.start({
        definition: builtInFlow("create-mesh"),
        input: { request },
        key: request.requestId,
      });
      return handle.result();
    }),
  );
  const wallSeconds = (performance.now() - started) / 1000;
  await runner.close();
  const { meshes } = await emulator.state();
  await emulator.stop();
  rmSync(folder, { recursive: true, force: true });
  const result = {
    requests: count,
    succeeded: ended.filter(({ output }) => (output as { statusCode?: number }).statusCode === 200).length,
    meshes: meshes.length,
    wallSeconds: round(wallSeconds),
    apiCalls,
    peakRssMiB: memory.stop(),
  };
  if (result.succeeded !== count || result.meshes !== count) {
    throw new Error(`not every request made its mesh: ${JSON.stringify(result)}`);
  }
  return result;
}

function watchMemory() {
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, process.memoryUsage().rss);
  };
  const timer = setInterval(look, 100);
  return {
    stop(): number {
      look();
      clearInterval(timer);
      return Math.round(peak / 2 ** 20);
    },
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) console.table([await benchRequests()]);
