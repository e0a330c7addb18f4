import { AsyncLocalStorage } from "node:async_hooks";
import { createMesh } from "../../functions/create-mesh/create-mesh.ts";
import { deleteMesh } from "../../functions/delete-mesh/delete-mesh.ts";
import { notify } from "../../functions/notify/notify.ts";
import { pollStatus } from "../../functions/poll-status/poll-status.ts";
import { type AsmClient, asmSettings, createAsmClient } from "../../shared/asm/client.ts";
import type { Config } from "../../shared/config.ts";
import { type AttemptEvent, clientSettings, createApiClient } from "../../shared/huaweicloud/api-client.ts";
import { type CredentialsProvider, credentialsFromConfig } from "../../shared/huaweicloud/credentials.ts";
import type { Logger } from "../../shared/logger.ts";
import type { Channel } from "../../shared/outbound/channel.ts";
import { createSmnChannel } from "../../shared/outbound/smn.ts";
import { createWebhookChannel } from "../../shared/outbound/webhook.ts";
import { record } from "../../shared/request/step-answer.ts";
import type { RunnerOptions } from "../runner/runner.ts";
import { CommandError } from "./command-error.ts";
import { exitCodes } from "./exit-codes.ts";
import { requireSettings } from "./settings.ts";

/** Where requests go; kept with each run, so that none is continued in another project. */
export interface Target {
  region?: string;
  projectId: string;
  asmEndpoint?: string;
}

export interface Composition {
  target: Target;
  asm: AsmClient;
  /** The four functions by name, as the runner calls them. */
  invoke: RunnerOptions["invoke"];
  /** Names of the destinations that will be told how a request ended. */
  destinations: string[];
}

export interface CompositionOptions {
  fetch?: typeof globalThis.fetch;
  now?: () => number;
  logger?: Logger;
  credentials?: CredentialsProvider;
  /** Further destinations, such as a console. */
  channels?: Channel[];
  /** Each HTTP attempt; `run` is the execution it belongs to, if any. */
  onAttempt?: (event: AttemptEvent & { run?: string }) => void;
  /** Each look at a mesh that is being waited for. */
  onObserved?: (event: { run: string; phase: string; at: number }) => void;
}

/**
 * The composition root: settings → signed API client → ASM client → the four functions and the channels of
 * `notify`. Throws {@link CommandError} naming what is not set, before any call; calls IAM only when the project id
 * has to come from a token.
 */
export async function compose(config: Config, options: CompositionOptions = {}): Promise<Composition> {
  requireSettings(config);
  const { fetch, now = Date.now, logger, onAttempt, onObserved } = options;
  const credentials = options.credentials ?? credentialsFromConfig(config);
  const projectId = config.projectId ?? (await projectOf(credentials));
  const current = new AsyncLocalStorage<Call>();
  const seams = { now, ...(logger && { logger }) };
  const api = createApiClient({
    credentials,
    projectId,
    ...clientSettings(config),
    ...seams,
    ...(fetch && { fetch }),
    onAttempt: (event) => {
      const call = current.getStore();
      if (call) recordTry(call, event, now());
      onAttempt?.(call ? { ...event, run: call.run } : event);
    },
  });
  const { smnTopicUrn, webhookUrl, webhookSecret } = config.notify;
  const channels = [...(options.channels ?? [])];
  if (smnTopicUrn) {
    const endpoint = config.endpoints.smn;
    channels.push(createSmnChannel({ api, topicUrn: smnTopicUrn, ...(endpoint && { endpoint }) }));
  }
  if (webhookUrl && webhookSecret) {
    channels.push(
      createWebhookChannel({ url: webhookUrl, secrets: webhookSecret, now, ...(fetch && { fetch }) }),
    );
  }
  const asm = createAsmClient({ api, projectId, ...asmSettings(config) });
  const functions: Record<string, (input: unknown, run: string, signal: AbortSignal) => Promise<unknown>> = {
    "create-mesh": (input, _run, signal) => createMesh(input, { asm, signal, ...seams }),
    "delete-mesh": (input, _run, signal) => deleteMesh(input, { asm, signal, ...seams }),
    "poll-status": (input, run, signal) =>
      pollStatus(input, {
        asm,
        signal,
        ...config.poll,
        ...seams,
        ...(onObserved && { onObserved: (seen) => onObserved({ run, ...seen }) }),
      }),
    notify: (input, runId, signal) =>
      notify(input, { channels, runId, signal, ...(config.region && { region: config.region }), ...seams }),
  };
  return {
    target: {
      projectId,
      ...(config.region && { region: config.region }),
      ...(config.endpoints.asm && { asmEndpoint: config.endpoints.asm }),
    },
    asm,
    destinations: channels.map(({ name }) => name),
    invoke: async (name, input, context) => {
      const run = functions[name];
      if (!run)
        return { statusCode: 400, error: { code: "UnknownFunction", message: `No function ${name} here.` } };
      const call: Call = { run: context.executionId, tried: [] };
      const result = await current.run(call, () => run(input, context.executionId, context.signal));
      // cut short by our own signal: no answer of this state, and no try used up
      if (context.signal.aborted && wasCutShort(result)) throw context.signal.reason;
      return call.tried.length > 0 ? { ...record(result), tried: call.tried } : result;
    },
  };
}

/** One invocation of a function, and what failed on its way. */
interface Call {
  run: string;
  tried: Tried[];
}

/** An HTTP attempt that did not succeed, as it is kept with the step's result for `show`. */
export interface Tried {
  at: string;
  operation: string;
  status?: number;
  code?: string;
  error?: string;
  retryInMs?: number;
}

/** The first ones and the last one are kept: a long outage must not fill the journal. */
const mostTried = 20;

function recordTry({ tried }: Call, event: AttemptEvent, now: number): void {
  const { operation, status, code, error, retryInMs } = event;
  if (error === undefined) return;
  if (tried.length === mostTried) tried.pop();
  tried.push({
    at: new Date(now).toISOString(),
    operation,
    ...(status !== undefined && { status }),
    ...(code !== undefined && { code }),
    error: error.slice(0, 300),
    ...(retryInMs !== undefined && { retryInMs }),
  });
}

function wasCutShort(result: unknown): boolean {
  return (result as { error?: { code?: string } } | undefined)?.error?.code === "ABORTED";
}

/** The project that an IAM token is for. */
async function projectOf(credentials: CredentialsProvider): Promise<string> {
  const { projectId } = await credentials.get();
  if (projectId) return projectId;
  throw new CommandError("The IAM token names no project.", {
    exitCode: exitCodes.notAllowed,
    next: "Set HUAWEICLOUD_SDK_PROJECT_ID, or HW_PROJECT_NAME (by default the region).",
  });
}
