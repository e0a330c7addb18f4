/**
 * A process with a runner, for tests that kill it. Arguments: the journal, the log of calls and, for a process that kills
 * itself, `before:N` or `after:N` (the Nth commit). It takes one JSON command a line on stdin and prints one JSON line
 * per answer and event.
 */
import { appendFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { FlowDefinition } from "../../../workflows/definition.ts";
import { openJournal } from "../../../workflows/runner/journal.ts";
import { createRunner, type Invoke } from "../../../workflows/runner/runner.ts";

export type ProcessCommand =
  | { do: "start"; key: string; definition: FlowDefinition; input: unknown }
  | { do: "result"; key: string; id: string }
  | { do: "close" };

const [file = "", log = "", kill = ""] = process.argv.slice(2);
const [moment, at] = kill.split(":");
let commits = 0;

function die(when: string): void {
  if (moment === when && ++commits === Number(at)) process.kill(process.pid, "SIGKILL");
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Functions are named after what they do: `hang` waits to be aborted, `slow-300` takes 300 ms, others return at once. */
const invoke: Invoke = async (name, input, { signal, executionId, stateId, attempt }) => {
  appendFileSync(log, `${process.pid} ${executionId} ${stateId} ${attempt}\n`);
  if (name === "hang") {
    await new Promise((_, reject) => {
      signal.addEventListener("abort", () => {
        say({ aborted: executionId, reason: (signal.reason as Error).message });
        reject(signal.reason);
      });
    });
  }
  const slow = /^slow-(\d+)$/.exec(name);
  if (slow) await new Promise((resolve) => setTimeout(resolve, Number(slow[1])));
  return { ...(input as object), [stateId]: true };
};

const journal = openJournal(file, { beforeCommit: () => die("before"), afterCommit: () => die("after") });
const runner = createRunner({ journal, invoke, onEvent: (event) => say({ event }) });
say({ ready: process.pid, report: journal.report });

createInterface({ input: process.stdin }).on("line", (line) => {
  void obey(JSON.parse(line) as ProcessCommand).catch((error: Error) => say({ error: error.message }));
});

async function obey(command: ProcessCommand): Promise<void> {
  switch (command.do) {
    case "start": {
      const { key, definition, input } = command;
      const handle = await runner.start({ key, definition, input, executionId: key });
      say({ started: key, created: handle.created });
      const { status } = await handle.result();
      say({ ended: key, status });
      return;
    }
    case "result":
      say({ ended: command.key, status: (await runner.result(command.id)).status });
      return;
    case "close":
      await runner.close();
      journal.close();
      process.exit(0);
  }
}
