/**
 * `npm run bench [signer|engine|bundles|requests …]`: every figure of the README, measured in one run on this machine.
 * A disk or a busy machine moves single figures by a factor of two: read the ratios.
 */
import { arch, cpus, loadavg, platform } from "node:os";
import { benchBundles } from "./bundles-bench.ts";
import { benchEngine } from "./engine/engine-bench.ts";
import { benchRequests } from "./requests-bench.ts";
import { benchSigner } from "./signer-bench.ts";

const parts: Record<string, { title: string; run: () => Promise<object[]> }> = {
  signer: { title: "Signing: ours and the official SDK's, interleaved in one process", run: benchSigner },
  engine: { title: "The local engine: six states, every step durable, commits on disk", run: benchEngine },
  bundles: { title: "The functions' bundles beside the core of the official SDK", run: benchBundles },
  requests: {
    title: "1,000 create requests at once through one process, against the emulator over HTTP",
    run: async () => [await benchRequests()],
  },
};

const chosen = process.argv.slice(2);
const unknown = chosen.find((name) => !Object.hasOwn(parts, name));
if (unknown) {
  console.error(`No benchmark "${unknown}". There are: ${Object.keys(parts).join(", ")}.`);
  process.exit(2);
}
console.log(
  `Node ${process.version}, ${platform()} ${arch()}, ${cpus().length} × ${cpus()[0]?.model.trim()}`,
);
console.log(
  `load ${loadavg()
    .map((load) => load.toFixed(2))
    .join(" ")}`,
);
for (const [name, { title, run }] of Object.entries(parts)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  console.log(`\n${title}`);
  console.table((await run()).map(rounded));
}

function rounded(row: object): object {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [
      key,
      typeof value === "number" ? Number(value.toFixed(Math.abs(value) < 100 ? 2 : 0)) : value,
    ]),
  );
}
