export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The body was longer than `maxBytes`; `text` holds its start. */
  truncated: boolean;
}

/** No whole answer came. `network` says how far the request got. */
export class NetworkFault extends Error {
  override readonly name = "NetworkFault";
  /** `unsent`: before a connection stood. `sent`: the service may have it. `refused`: trying again is useless. */
  readonly network: "unsent" | "sent" | "refused";
  readonly code?: string;

  constructor(network: NetworkFault["network"], message: string, code?: string, cause?: unknown) {
    super(message, { cause });
    this.network = network;
    if (code !== undefined) this.code = code;
  }
}

/**
 * One HTTP exchange, body included, within `timeoutMs`. Redirects are not followed: their target is not what was
 * signed. Throws {@link NetworkFault}, or the signal's reason once it aborts.
 */
export async function exchange(
  fetch: typeof globalThis.fetch,
  request: {
    method: string;
    url: string;
    headers: Record<string, string>;
    body: string | undefined;
    timeoutMs: number;
    maxBytes: number;
    signal: AbortSignal | undefined;
  },
): Promise<Answer> {
  const { signal, timeoutMs } = request;
  signal?.throwIfAborted();
  const attempt = new AbortController();
  const timer = setTimeout(() => attempt.abort(timedOut), timeoutMs);
  const abort = () => attempt.abort(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      redirect: "manual",
      signal: attempt.signal,
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    const { text, truncated } = await readText(response, request.maxBytes);
    return { status: response.status, headers: response.headers, text, truncated };
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (attempt.signal.aborted) throw new NetworkFault("sent", `no answer within ${timeoutMs / 1000} s`);
    throw networkFault(error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

const timedOut = new Error("The attempt timed out.");

async function readText(response: Response, maxBytes: number) {
  if (!response.body) return { text: "", truncated: false };
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let truncated = false;
  for await (const chunk of response.body) {
    const left = maxBytes - bytes;
    chunks.push(chunk.subarray(0, left));
    bytes += chunk.length;
    // leaving the loop cancels the stream
    if (bytes > maxBytes) {
      truncated = true;
      break;
    }
  }
  return { text: new TextDecoder().decode(Buffer.concat(chunks)), truncated };
}

function networkFault(error: unknown): NetworkFault {
  const cause = rootCause(error);
  const code = typeof cause.code === "string" ? cause.code : undefined;
  const message = cause.message || (code ?? "the connection failed");
  if (code !== undefined) {
    if (untrusted.test(code)) return new NetworkFault("refused", message, code, error);
    const connecting = code === "ETIMEDOUT" && cause.syscall === "connect";
    if (connecting || beforeConnect.has(code)) return new NetworkFault("unsent", message, code, error);
  }
  return new NetworkFault("sent", message, code, error);
}

/** `fetch` hides the reason in `cause`, and the reasons of several addresses in `errors`. */
function rootCause(error: unknown): { message: string; code?: unknown; syscall?: unknown } {
  let current = error as { message: string; cause?: unknown; errors?: unknown[]; code?: unknown };
  while (current?.cause instanceof Error) current = current.cause as typeof current;
  const [first] = current?.errors ?? [];
  return (first ?? current) as { message: string };
}

const beforeConnect = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_FAIL",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "ENETDOWN",
  "UND_ERR_CONNECT_TIMEOUT",
]);
/** Certificates that do not fit: nothing was sent, and the next try ends the same way. */
const untrusted = /CERT|^UNABLE_TO_|SELF_SIGNED|^HOSTNAME_MISMATCH$|^ERR_TLS_CERT|^ERR_SSL_WRONG_VERSION/;
