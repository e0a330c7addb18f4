import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

export interface Answer {
  /** 0, or the platform's code (runtime reference, section 6.2). */
  code: number;
  body: string;
}

export interface LogLine {
  requestId: string;
  level: "DEBUG" | "INFO" | "WARN" | "ERROR";
  text: string;
}

/** What the host asks of the process; `kind` says which of the function's two entries is called. */
export interface WorkerRequest {
  kind: "initialize" | "invoke";
  requestId: string;
  [member: string]: unknown;
}

export interface Worker {
  readonly alive: boolean;
  /** Never rejects: a process that dies answers 4204 or 4205, one that is too slow is killed and answers `late`. */
  ask(request: WorkerRequest, timeoutMs: number, late: Answer): Promise<Answer>;
  kill(signal: NodeJS.Signals): void;
  /** What went to file descriptors 1 and 2 directly, which no log collects. */
  uncollected(): string;
  closed: Promise<void>;
}

type Message = { type: "ready" } | ({ type: "log" } & LogLine) | ({ type: "answer"; id: number } & Answer);

const BOOTSTRAP = fileURLToPath(new URL("bootstrap.cjs", import.meta.url));

/**
 * Starts the process of an instance; `root` holds the folder `code` and is the working directory. The process has its
 * own two pipes to the host, so that whatever the function prints is never taken for an answer.
 */
export async function startWorker(options: {
  nodeBinary: string;
  root: string;
  env: Record<string, string>;
  memoryMb: number;
  onLog: (line: LogLine) => void;
}): Promise<Worker> {
  const { nodeBinary, root, env, memoryMb, onLog } = options;
  // What a heap may take of the instance's memory is not documented; the rest is for the process itself.
  const heapMb = Math.floor(memoryMb * 0.75);
  const child = spawn(nodeBinary, [`--max-old-space-size=${heapMb}`, BOOTSTRAP], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
  });
  const pending = new Map<number, (answer: Answer) => void>();
  let [ids, alive, raw] = [0, true, ""];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      raw = (raw + chunk).slice(-1_000_000);
    });
  }
  const requests = child.stdio[3] as Writable;
  // A request that meets a dying process is answered when the process is gone.
  requests.on("error", () => {});

  const closed = new Promise<void>((resolve) => {
    child.once("close", () => {
      alive = false;
      const answer = raw.includes("heap out of memory")
        ? { code: 4205, body: "runtime memory limit exceeded" }
        : { code: 4204, body: "runtime process is exited" };
      for (const settle of pending.values()) settle(answer);
      resolve();
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    closed.then(() => reject(new Error(`the runtime did not start: ${raw}`)));
    onEachLine(child.stdio[4] as Readable, (line) => {
      const message = JSON.parse(line) as Message;
      if (message.type === "ready") resolve();
      else if (message.type === "log") onLog(message);
      else pending.get(message.id)?.({ code: message.code, body: message.body });
    });
  });

  return {
    get alive() {
      return alive;
    },
    ask: (request, timeoutMs, late) =>
      new Promise<Answer>((resolve) => {
        const id = ids++;
        const settle = (answer: Answer) => {
          clearTimeout(timer);
          pending.delete(id);
          resolve(answer);
        };
        const timer = setTimeout(() => {
          settle(late);
          alive = false;
          child.kill("SIGKILL");
        }, timeoutMs);
        pending.set(id, settle);
        requests.write(`${JSON.stringify({ id, ...request })}\n`);
      }),
    kill: (signal) => {
      if (signal !== "SIGSTOP" && signal !== "SIGCONT") alive = false;
      child.kill(signal);
    },
    uncollected: () => raw,
    closed,
  };
}

/** By line feed only: readline would also part lines at U+2028, which JSON leaves as it is. */
function onEachLine(stream: Readable, take: (line: string) => void): void {
  let unread: string[] = [];
  stream.setEncoding("utf8").on("data", (chunk: string) => {
    const [first = "", ...rest] = chunk.split("\n");
    unread.push(first);
    for (const part of rest) {
      take(unread.join(""));
      unread = [part];
    }
  });
}
