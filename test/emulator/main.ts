import { parseArgs } from "node:util";
import * as z from "zod";
import { type EmulatorOptions, startEmulator } from "./emulator.ts";
import { faultKinds, parseFault } from "./faults.ts";
import { operations } from "./routes.ts";

const help = `Usage: npm run emulator -- [options]

A stand-in for Huawei Cloud ASM, IAM and SMN on 127.0.0.1. Nothing leaves this machine; the credentials it
prints are made up.

  --port <n>                 port to listen on (default 0: any free one)
  --region <id>              region (default cn-north-4)
  --creating-seconds <n>     from the create request to Running (default 20)
  --deleting-seconds <n>     from the delete request until the mesh is gone (default 10)
  --list-delay-seconds <n>   how far the list of meshes is behind (default 0)
  --writes-per-minute <n>    the gateway's limit on writes (default none)
  --reads-per-second <n>     the gateway's limit on reads (default none)
  --retry-after <n>          seconds to name in Retry-After when a limit is hit (default: no such header)
  --clock-skew-seconds <n>   how far the server's clock is ahead (default 0)
  --mesh-quota <n>           meshes allowed (default: any number)
  --fault <on:fault[:times][:processed]>
                             may be repeated; times is a number or always
  --quiet                    no access log on stderr
  --help

Operations: ${operations.join(", ")}, or *
Faults: ${faultKinds.join(", ")}

While it runs: GET /_emulator/state, GET /_emulator/requests, POST and DELETE /_emulator/faults,
POST /_emulator/clock {"skewMs","advanceMs"}, POST /_emulator/settings, POST /_emulator/meshes {"name"},
POST /_emulator/meshes/{uid or name}/phase {"phase"}, POST /_emulator/tokens/expire, POST /_emulator/reset.
`;

const number = z.coerce.number("must be a number").optional();
const count = z.coerce.number("must be a number").int("must be whole").nonnegative("must not be negative");
const flags = z.object({
  port: count.max(65_535, "must be a port").default(0),
  region: z.string().optional(),
  "creating-seconds": count.default(20),
  "deleting-seconds": count.default(10),
  "list-delay-seconds": count.default(0),
  "writes-per-minute": count.optional(),
  "reads-per-second": count.optional(),
  "retry-after": number,
  "clock-skew-seconds": number,
  "mesh-quota": count.optional(),
  fault: z.array(z.string()).default([]),
});

async function main(): Promise<void> {
  const text = { type: "string" } as const;
  const names = Object.keys(flags.shape).filter((name) => name !== "fault");
  const { values } = parseArgs({
    options: {
      ...Object.fromEntries(names.map((name) => [name, text])),
      fault: { type: "string", multiple: true },
      quiet: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return;
  }
  const emulator = await startEmulator({
    ...toOptions(flags.parse(values)),
    ...(values.quiet ? {} : { log: (line: string) => process.stderr.write(`${line}\n`) }),
  });
  const skew = flags.parse(values)["clock-skew-seconds"];
  if (skew !== undefined) emulator.clock.skew(skew * 1000);
  const { accessKey, secretKey, projectId, region } = emulator.defaults;
  const { name, password, domain } = emulator.defaults.user;
  process.stdout.write(`# The emulator of ASM, IAM and SMN is at ${emulator.url} (end it with Ctrl-C).
# Its state is at ${emulator.url}/_emulator/state, and it receives webhooks at ${emulator.sinkUrl}/NAME.

export HW_REGION_NAME=${region}
export HUAWEICLOUD_SDK_AK=${accessKey}
export HUAWEICLOUD_SDK_SK=${secretKey}
export HUAWEICLOUD_SDK_PROJECT_ID=${projectId}
export MESHFLOW_ASM_ENDPOINT=${emulator.asmUrl}
export MESHFLOW_IAM_ENDPOINT=${emulator.iamUrl}
export MESHFLOW_SMN_ENDPOINT=${emulator.smnUrl}

# Notifications, if wanted:
# export MESHFLOW_SMN_TOPIC_URN=urn:smn:${region}:${projectId}:meshes
# export MESHFLOW_WEBHOOK_URL=${emulator.sinkUrl}/demo MESHFLOW_WEBHOOK_SECRET=whsec_ZXhhbXBsZS1zZWNyZXQtdGhhdC1pcy1ub3QtcmVhbA==
# A password instead of the access key:
# export HW_USER_NAME=${name} HW_USER_PASSWORD=${password} HW_DOMAIN_NAME=${domain} HW_PROJECT_NAME=${region}
`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void emulator.close());
}

function toOptions(given: z.output<typeof flags>): EmulatorOptions {
  const reads = given["reads-per-second"];
  const writes = given["writes-per-minute"];
  const retryAfterSeconds = given["retry-after"];
  return {
    port: given.port,
    ...(given.region === undefined ? {} : { region: given.region }),
    creatingMs: given["creating-seconds"] * 1000,
    deletingMs: given["deleting-seconds"] * 1000,
    listDelayMs: given["list-delay-seconds"] * 1000,
    throttling: {
      reads: reads === undefined ? undefined : { limit: reads, windowMs: 1000 },
      writes: writes === undefined ? undefined : { limit: writes },
      retryAfterSeconds,
    },
    quotas: { meshes: given["mesh-quota"] },
    faults: given.fault.map(parseFault),
  };
}

main().catch((error: unknown) => {
  const message = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
  process.stderr.write(`${message}\nSee npm run emulator -- --help\n`);
  process.exitCode = 1;
});
