import packageJson from "../../package.json" with { type: "json" };
import { readConfig } from "../../shared/config.ts";
import { main } from "./main.ts";
import { processTerminal } from "./output/terminal.ts";

// a closed pipe (`meshflow list | head -1`) is no fault
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
}

process.exitCode = await main(process.argv.slice(2), {
  terminal: processTerminal(),
  config: () => readConfig(),
  version: packageJson.version,
  now: Date.now,
  fetch: globalThis.fetch,
  onInterrupt(listener) {
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
    for (const signal of signals) process.on(signal, listener);
    return () => {
      for (const signal of signals) process.off(signal, listener);
    };
  },
  exitCode: 0,
});
