/**
 * `npm run demo`: a mesh request from nothing to Running, through real HTTP and the real command, on an emulated
 * cloud that loses answers and refuses calls; the process that drives it is killed half way. Needs no account.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { styleText } from "node:util";
import { executionId } from "../../shared/request/execution-id.ts";
import { startEmulator } from "../emulator/emulator.ts";

const folder = mkdtempSync(join(tmpdir(), "meshflow-demo-"));
const emulator = await startEmulator({
  creatingMs: 8000,
  deletingMs: 3000,
  faults: [
    { on: "CreateMesh", fault: "lost-answer" },
    { on: "ShowMesh", fault: "html-502" },
    { on: "ShowMesh", fault: "reset", after: 2 },
    { on: "PublishMessage", fault: "empty-503" },
  ],
});
const environment = {
  ...process.env,
  HUAWEICLOUD_SDK_AK: emulator.defaults.accessKey,
  HUAWEICLOUD_SDK_SK: emulator.defaults.secretKey,
  HUAWEICLOUD_SDK_PROJECT_ID: emulator.defaults.projectId,
  HW_REGION_NAME: emulator.defaults.region,
  MESHFLOW_ASM_ENDPOINT: emulator.asmUrl,
  MESHFLOW_IAM_ENDPOINT: emulator.iamUrl,
  MESHFLOW_SMN_ENDPOINT: emulator.smnUrl,
  MESHFLOW_SMN_TOPIC_URN: `urn:smn:${emulator.defaults.region}:${emulator.defaults.projectId}:mesh-events`,
  MESHFLOW_POLL_SECONDS: "1",
  MESHFLOW_JOURNAL: join(folder, "journal.db"),
};

try {
  await demonstrate();
} finally {
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
}

async function demonstrate(): Promise<void> {
  say(
    "An emulated Huawei Cloud is up. It will lose the answer to the create, answer one read with an HTML page,",
  );
  say("cut another off, and refuse the first notification.");
  const create =
    "create demo-mesh --version 1.18 --cluster 11111111-2222-3333-4444-555555555555 --nodes node-a,node-b --key demo";
  await meshflow(create, { killWhen: () => calls("ShowMesh") >= 3 });
  say("Killed with SIGKILL half way. The journal knows the request; anyone may go on with it:");
  await meshflow("resume");
  await meshflow("delete demo-mesh --yes");
  await meshflow(`show ${executionId("demo").slice(0, 12)}`);
  const meshes = emulator.meshes().map(({ name, phase }) => `${name} ${phase}`);
  const told = emulator.published().map(({ subject }) => subject);
  say(`Meshes the cloud ever made: ${meshes.join(", ")}. Notifications it received: ${told.join("; ")}.`);
  if (meshes.join() !== "demo-mesh gone" || told.length !== 2)
    throw new Error("this is not how it should have ended");
}

/** Runs the command as a user would; SIGKILL as soon as `killWhen` says so, else it has to succeed. */
async function meshflow(line: string, { killWhen }: { killWhen?: () => boolean } = {}): Promise<void> {
  console.log(`\n${styleText("bold", `$ meshflow ${line}`)}`);
  const child = spawn(process.execPath, ["dist/meshflow.js", ...line.split(" ")], {
    env: environment,
    stdio: "inherit",
  });
  const watch = setInterval(() => killWhen?.() && child.kill("SIGKILL"), 20);
  const [code, signal] = await once(child, "exit");
  clearInterval(watch);
  if (killWhen ? signal !== "SIGKILL" : code !== 0)
    throw new Error(`meshflow ${line}: exit ${code ?? signal}`);
}

function calls(operation: string): number {
  return emulator.requests().filter((request) => request.operation === operation).length;
}

function say(text: string): void {
  console.log(styleText("cyan", `# ${text}`));
}
