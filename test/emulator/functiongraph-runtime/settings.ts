/** How a function is deployed: what `function.json`, or the API's create call, would say of it. */
export interface FunctionSettings {
  name: string;
  projectId: string;
  /** `file.function`: `index.handler` is `exports.handler` of `index.js`. */
  handler: string;
  /** `file.function`; it runs once per process, before the first request. */
  initializer?: string;
  timeoutSeconds: number;
  /** 3 unless given. */
  initializerTimeoutSeconds?: number;
  memoryMb: number;
  /** 300 unless given. */
  cpuMillicores?: number;
  /** User variables, at most 4,096 characters of keys and values together. */
  userData?: Record<string, string>;
  /** `latest` unless given. */
  version?: string;
  /** `default` unless given. */
  package?: string;
  /** Requests that one instance runs at a time (`concurrent_num`), 1 unless given. */
  concurrency?: number;
  /** What happens to a request while the instance is full: it waits, unless `refuse` is given. */
  whenBusy?: "queue" | "refuse";
}

/** The largest body of a synchronous request and of any answer, in bytes (runtime reference, section 12). */
export const SYNC_BODY_LIMIT = 6_291_456;
/** The largest body of an asynchronous request, and of an answer handed to a destination, in bytes. */
export const ASYNC_BODY_LIMIT = 262_144;

/** Throws for settings that a deployment would refuse (runtime reference, sections 3.1 and 9.2). */
export function checkSettings(settings: FunctionSettings): void {
  const { handler, userData = {} } = settings;
  if (!/^.+\.[^.]+$/.test(handler)) throw new TypeError(`handler ${handler} must be file.function`);
  for (const key of Object.keys(userData)) {
    if (/^[A-Za-z][A-Za-z0-9_]*$/.test(key)) continue;
    throw new TypeError(`user variable ${key} must be letters, digits and _, a letter first`);
  }
  const characters = Object.entries(userData).flat().join("").length;
  if (characters <= 4096) return;
  throw new RangeError(`user variables have ${characters} characters together, 4096 are allowed`);
}

/**
 * The whole environment of an event function (runtime reference, section 9.1). Its user variables are in
 * `RUNTIME_USERDATA` only.
 */
export function runtimeEnvironment(settings: FunctionSettings, codeRoot: string): Record<string, string> {
  const { initializer, initializerTimeoutSeconds = 3 } = settings;
  return {
    RUNTIME_PROJECT_ID: settings.projectId,
    RUNTIME_FUNC_NAME: settings.name,
    RUNTIME_FUNC_VERSION: settings.version ?? "latest",
    RUNTIME_PACKAGE: settings.package ?? "default",
    RUNTIME_HANDLER: settings.handler,
    RUNTIME_TIMEOUT: String(settings.timeoutSeconds),
    RUNTIME_USERDATA: JSON.stringify(settings.userData ?? {}),
    RUNTIME_CPU: String(settings.cpuMillicores ?? 300),
    RUNTIME_MEMORY: String(settings.memoryMb),
    RUNTIME_MAX_RESP_BODY_SIZE: String(SYNC_BODY_LIMIT),
    RUNTIME_ROOT: "/home/snuser/runtime",
    RUNTIME_CODE_ROOT: codeRoot,
    RUNTIME_LOG_DIR: "/home/snuser/log",
    ...(initializer && {
      RUNTIME_INITIALIZER_HANDLER: initializer,
      RUNTIME_INITIALIZER_TIMEOUT: String(initializerTimeoutSeconds),
    }),
  };
}
