import { createHmac } from "node:crypto";
import pRetry from "p-retry";
import { sleep as realSleep } from "../huaweicloud/sleep.ts";
import { eventType } from "./card.ts";
import type { Channel } from "./channel.ts";

export interface WebhookChannelOptions {
  url: string;
  /** `whsec_` and base64, one or several: several sign side by side while a secret is being replaced. */
  secrets: string | readonly string[];
  /** Time limit of one attempt, in ms. */
  timeoutMs?: number;
  /** Attempts in all. */
  attempts?: number;
  fetch?: typeof globalThis.fetch;
  now?: () => number;
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  random?: () => number;
}

/**
 * Posts cards to any HTTP endpoint, signed as Standard Webhooks say: the id stays the same and the timestamp is
 * renewed at each attempt. 2xx is success; redirects are never followed; network errors, 408, 429 and 5xx are
 * tried again, no sooner than Retry-After says. Throws on a URL or secret that cannot be used.
 */
export function createWebhookChannel(options: WebhookChannelOptions): Channel {
  const {
    timeoutMs = 10_000,
    attempts = 4,
    now = Date.now,
    sleep = realSleep,
    random = Math.random,
  } = options;
  const { fetch = globalThis.fetch } = options;
  const url = parseUrl(options.url);
  const keys = [options.secrets].flat().map(decodeSecret);
  if (keys.length === 0) throw new TypeError("The webhook needs a secret (whsec_ followed by base64)");
  const target = `POST ${url.origin}${url.pathname === "/" ? "" : "/…"}`;

  return {
    name: `webhook:${url.host}`,
    async send(card, { messageId, signal }) {
      const body = JSON.stringify({
        type: eventType(card),
        timestamp: new Date(now()).toISOString(),
        data: card,
      });
      const attempt = async (number: number) => {
        const timestamp = String(Math.floor(now() / 1000));
        const timeout = AbortSignal.timeout(timeoutMs);
        const response = await fetch(url, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            "user-agent": "meshflow",
            "webhook-id": messageId,
            "webhook-timestamp": timestamp,
            "webhook-signature": signWebhook(keys, messageId, timestamp, body),
          },
          body,
          redirect: "manual",
          signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        }).catch((cause: unknown) => {
          signal?.throwIfAborted();
          throw new WebhookError(
            `${target} ${timeout.aborted ? `gave no answer in ${timeoutMs} ms` : reason(cause)}`,
            true,
          );
        });
        await response.body?.cancel().catch(() => undefined);
        if (response.ok) return { detail: `${response.status}${number > 1 ? ` at attempt ${number}` : ""}` };
        throw refusal(target, response, now());
      };
      return pRetry(attempt, {
        retries: attempts - 1,
        minTimeout: 0,
        ...(signal && { signal }),
        shouldRetry: ({ error }) => error instanceof WebhookError && error.retryable,
        onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
          if (!(error instanceof WebhookError) || !error.retryable || retriesLeft === 0) return;
          const backoff = 1000 * 2 ** (attemptNumber - 1) * (0.8 + 0.4 * random());
          await sleep(Math.max(backoff, error.retryAfterMs ?? 0), signal);
        },
      });
    },
  };
}

/** The `webhook-signature` header: one `v1,` entry per key, separated by spaces. */
export function signWebhook(keys: readonly Buffer[], id: string, timestamp: string, body: string): string {
  const text = `${id}.${timestamp}.${body}`;
  return keys.map((key) => `v1,${createHmac("sha256", key).update(text).digest("base64")}`).join(" ");
}

/** The key inside a `whsec_` secret. The error never shows the secret. */
export function decodeSecret(secret: string): Buffer {
  const encoded = secret.replace(/^whsec_/, "");
  const key = /^[A-Za-z0-9+/]+={0,2}$/.test(encoded) ? Buffer.from(encoded, "base64") : Buffer.alloc(0);
  if (key.length === 0) throw new TypeError("A webhook secret must be whsec_ followed by base64");
  return key;
}

/** A destination that did not take a card. The message names only the destination's host. */
export class WebhookError extends Error {
  override readonly name = "WebhookError";
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, retryable: boolean, retryAfterMs?: number) {
    super(message);
    this.retryable = retryable;
    this.retryAfterMs = retryAfterMs;
  }
}

/** A longer Retry-After is not waited for: the run ends, and the record says what the destination asked for. */
const longestWaitMs = 60_000;

function refusal(target: string, response: Response, now: number): WebhookError {
  const { status } = response;
  const retryAfterMs = parseRetryAfter(response.headers.get("retry-after"), now);
  const tooLong = retryAfterMs !== undefined && retryAfterMs > longestWaitMs;
  const retryable = (status === 408 || status === 429 || status >= 500) && !tooLong;
  const why = tooLong
    ? ` and asks to wait ${Math.round(retryAfterMs / 1000)} s`
    : status >= 300 && status < 400
      ? ", a redirect, which is not followed"
      : status === 410
        ? ": the endpoint is gone, remove it"
        : "";
  return new WebhookError(`${target} answered ${status}${why}`, retryable, retryAfterMs);
}

/** Seconds or an HTTP date. */
function parseRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function parseUrl(text: string): URL {
  if (!URL.canParse(text)) throw new TypeError("The webhook URL is not a URL");
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw new TypeError("The webhook URL must begin with https://");
  if (url.username || url.password)
    throw new TypeError("The webhook URL must not hold a user name or password");
  return url;
}

/** The code of a network error, such as ECONNREFUSED; never its message, which can quote the URL. */
function reason(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const code = (inner as { code?: unknown } | undefined)?.code;
  return `could not be reached${typeof code === "string" ? ` (${code})` : ""}`;
}
