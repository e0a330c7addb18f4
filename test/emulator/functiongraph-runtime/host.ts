import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { functionNode } from "./node-20-15.ts";
import {
  ASYNC_BODY_LIMIT,
  checkSettings,
  type FunctionSettings,
  runtimeEnvironment,
  SYNC_BODY_LIMIT,
} from "./settings.ts";
import { createTurns } from "./turns.ts";
import { unpack } from "./unpack.ts";
import { type Answer, type LogLine, startWorker, type Worker } from "./worker.ts";

/** What the agency of a function gives to one invocation. */
export interface AgencyCredentials {
  accessKey: string;
  secretKey: string;
  securityToken: string;
  authToken: string;
}

export interface InvokeOptions {
  requestId?: string;
  /** An asynchronous request: 256 KB at most. */
  async?: boolean;
  alias?: string;
  /** Instead of the instance's. */
  credentials?: AgencyCredentials;
  /** Who calls, when a flow does. */
  workflow?: { id: string; runId: string; stateId: string };
}

export interface InvokeResult {
  status: "ok" | "error";
  /** 0, or the platform's code (runtime reference, section 6). */
  code: number;
  body: string;
  /** What was logged under this request's id until its answer: `time requestId LEVEL text` per line. */
  log: string;
  /** Initializer and handler, without the wait for a turn or for a process. */
  durationMs: number;
  requestId: string;
}

export interface FunctionInstance {
  /**
   * A string or bytes are the request's body as they are, anything else is sent as JSON. Rejects only where no process
   * can be started.
   */
  invoke(event: unknown, options?: InvokeOptions): Promise<InvokeResult>;
  /** Every log line so far, also those written after an answer. */
  logLines(): LogLine[];
  /** What processes of this instance wrote to file descriptors 1 and 2 directly: no log has it. */
  uncollected(): string;
  /** Signals the process, SIGKILL unless given; the next request starts another one. */
  kill(signal?: NodeJS.Signals): void;
  close(): Promise<void>;
}

/**
 * Starts one instance of a function under Node 20.15.1, as FunctionGraph would (reference/functiongraph-runtime.md,
 * section 18). A process that died, was killed or failed to initialise is replaced at the next request; after three
 * failed initialisations in a row every request is refused with 4218.
 */
export async function startFunctionInstance(options: {
  /** Bytes or a file. */
  zip: Uint8Array | string;
  settings: FunctionSettings;
  /** None: a function without an agency. */
  credentials?: AgencyCredentials;
  nodeBinary?: string;
  now?: () => number;
}): Promise<FunctionInstance> {
  const { settings, now = Date.now } = options;
  checkSettings(settings);
  const nodeBinary = options.nodeBinary ?? functionNode();
  const root = await unpack(options.zip);
  const turns = createTurns(settings);
  const lines: LogLine[] = [];
  const collectors = new Set<(line: LogLine) => void>();
  const workers: Worker[] = [];
  let [failedStarts, isClosed] = [0, false];
  let current: Promise<Worker> = start();
  let initialized: Promise<Answer> | undefined;
  await current.catch(async (error: unknown) => {
    await rm(root, { recursive: true, force: true });
    throw error;
  });

  async function start(): Promise<Worker> {
    const onLog = (line: LogLine) => {
      const { requestId, level, text } = line;
      lines.push({ requestId, level, text });
      for (const collect of collectors) collect(line);
    };
    const env = runtimeEnvironment(settings, join(root, "code"));
    const worker = await startWorker({ nodeBinary, root, env, memoryMb: settings.memoryMb, onLog });
    workers.push(worker);
    return worker;
  }

  async function liveWorker(): Promise<Worker> {
    const seen = current;
    if ((await seen.catch(() => undefined))?.alive) return seen;
    if (seen !== current) return liveWorker();
    current = start();
    initialized = undefined;
    return current;
  }

  async function initialize(worker: Worker, request: object, requestId: string): Promise<Answer> {
    const seconds = settings.initializerTimeoutSeconds ?? 3;
    const late = { code: 4011, body: `init timeout ${seconds}s` };
    const answer = await worker.ask({ ...request, kind: "initialize", requestId }, seconds * 1000, late);
    failedStarts = answer.code === 0 ? 0 : failedStarts + 1;
    if (answer.code !== 0) worker.kill("SIGKILL");
    return answer;
  }

  async function run(worker: Worker, event: string, requestId: string, call: InvokeOptions): Promise<Answer> {
    const { alias, workflow, credentials = options.credentials } = call;
    const request = { credentials, alias, workflow };
    if (settings.initializer) {
      initialized ??= initialize(worker, request, requestId);
      const answer = await initialized;
      if (answer.code !== 0) return answer;
    }
    const seconds = settings.timeoutSeconds;
    const late = { code: 4010, body: `call invoke timeout ${seconds}s` };
    return worker.ask({ ...request, kind: "invoke", requestId, event }, seconds * 1000, late);
  }

  return {
    invoke: async (event, call = {}) => {
      const requestId = call.requestId ?? randomUUID();
      const log: string[] = [];
      const collect = (line: LogLine) => {
        if (line.requestId !== requestId) return;
        log.push(`${new Date(now()).toISOString()} ${requestId} ${line.level} ${line.text}`);
      };
      let startedAt = performance.now();
      const result = ({ code, body }: Answer): InvokeResult => {
        const durationMs = performance.now() - startedAt;
        return {
          status: code === 0 ? "ok" : "error",
          code,
          body,
          log: log.join("\n"),
          durationMs,
          requestId,
        };
      };

      const text = bodyText(event);
      const [size, limit] = [Buffer.byteLength(text), call.async ? ASYNC_BODY_LIMIT : SYNC_BODY_LIMIT];
      if (size > limit) {
        return result({ code: 4140, body: `request body size ${size} exceeds the limit of ${limit}` });
      }
      if (!(await turns.take())) return result({ code: 150429, body: "maximum number of instances" });
      collectors.add(collect);
      try {
        if (isClosed) return result({ code: 4208, body: "canceled" });
        if (failedStarts >= 3) return result({ code: 4218, body: "failed to start multiple times" });
        const worker = await liveWorker();
        startedAt = performance.now();
        return result(await run(worker, text, requestId, call));
      } finally {
        collectors.delete(collect);
        turns.giveBack();
      }
    },
    logLines: () => [...lines],
    uncollected: () => workers.map((worker) => worker.uncollected()).join(""),
    kill: (signal = "SIGKILL") => workers.at(-1)?.kill(signal),
    close: async () => {
      isClosed = true;
      await current.catch(() => {});
      for (const worker of workers) worker.kill("SIGKILL");
      await Promise.all(workers.map(({ closed }) => closed));
      await rm(root, { recursive: true, force: true });
    },
  };
}

function bodyText(event: unknown): string {
  if (typeof event === "string") return event;
  if (event instanceof Uint8Array) return Buffer.from(event).toString("utf8");
  return JSON.stringify(event) ?? "";
}
