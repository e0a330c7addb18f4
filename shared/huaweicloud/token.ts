import * as z from "zod/mini";
import type { ApiClient } from "./api-client.ts";
import type { Credentials, CredentialsProvider } from "./credentials.ts";
import { ApiError, CredentialsError } from "./errors.ts";

export interface TokenOptions {
  /** Must send no authentication itself. */
  api: ApiClient;
  /** Base URL of IAM. */
  endpoint: string;
  userName: string;
  password: string;
  domainName: string;
  /** ASM is a service of projects, so the token is one of a project. */
  project: { id: string } | { name: string };
  now?: () => number;
}

/**
 * Tokens of an IAM user's password (`POST /v3/auth/tokens`, KeystoneCreateUserTokenByPassword): kept, renewed an
 * hour before they end, fetched once for all who wait. A refused password is not tried a second time, since
 * repeated failures lock the user: every later call rejects with the same `CredentialsError`.
 */
export function createTokenProvider(options: TokenOptions): CredentialsProvider {
  const { now = Date.now } = options;
  let current: Token | undefined;
  let refusal: CredentialsError | undefined;
  let underWay: Promise<Token> | undefined;
  let nextEarlyRenewal = 0;

  const renew = (): Promise<Token> => {
    underWay ??= fetchToken(options, now)
      .then((token) => {
        current = token;
        return token;
      })
      .catch((error: unknown) => {
        if (error instanceof ApiError && (error.status === 401 || error.status === 403)) {
          refusal = refused(error, options);
          throw refusal;
        }
        throw error;
      })
      .finally(() => {
        underWay = undefined;
      });
    return underWay;
  };

  return {
    async get({ refresh = false, signal } = {}) {
      signal?.throwIfAborted();
      const held = !refresh && current && now() < current.expiresAt ? current : undefined;
      if (held && (refusal || now() < Math.max(held.renewAt, nextEarlyRenewal))) return held.credentials;
      if (refusal) throw refusal;
      try {
        return (await abortable(renew(), signal)).credentials;
      } catch (error) {
        if (!held || signal?.aborted) throw error;
        // an early renewal may fail: the token still holds, and not every call shall wait for the next failure
        nextEarlyRenewal = now() + earlyRenewalPauseMs;
        return held.credentials;
      }
    },
  };
}

const earlyRenewalPauseMs = 60_000;

interface Token {
  credentials: Credentials;
  renewAt: number;
  expiresAt: number;
}

const answer = z.looseObject({
  token: z.looseObject({
    expires_at: z.string("is no text"),
    issued_at: z.optional(z.string("is no text")),
    project: z.optional(z.looseObject({ id: z.string("is no text") })),
  }),
});

async function fetchToken(options: TokenOptions, now: () => number): Promise<Token> {
  const { userName, password, domainName, project } = options;
  const { data, headers } = await options.api.request({
    operation: "KeystoneCreateUserTokenByPassword",
    service: "iam",
    kind: "read", // one more token changes nothing, so an unknown outcome may be asked again
    endpoint: options.endpoint,
    method: "POST",
    path: ["v3", "auth", "tokens"],
    query: { nocatalog: "true" },
    body: {
      auth: {
        identity: {
          methods: ["password"],
          password: { user: { name: userName, password, domain: { name: domainName } } },
        },
        scope: { project },
      },
    },
    success: [201],
    schema: answer,
    secrets: [password],
  });
  const token = headers?.get("x-subject-token");
  if (!token) throw new CredentialsError("IAM answered without a token (header X-Subject-Token).");
  const expires = Date.parse(data.token.expires_at);
  const issued = data.token.issued_at === undefined ? now() : Date.parse(data.token.issued_at);
  // by IAM's own clock, which need not be ours
  const lifetimeMs = expires - issued;
  if (!(lifetimeMs > 0)) throw new CredentialsError("IAM answered with a token that has ended already.");
  const expiresAt = now() + lifetimeMs;
  const projectId = data.token.project?.id;
  return {
    credentials: { kind: "token", token, ...(projectId === undefined ? {} : { projectId }) },
    expiresAt,
    renewAt: expiresAt - Math.min(60 * 60_000, lifetimeMs / 5),
  };
}

function refused(error: ApiError, { userName, domainName }: TokenOptions): CredentialsError {
  return new CredentialsError(
    `IAM refused the user ${userName} of ${domainName}: ${error.message}. It is not asked again, since repeated failures lock the user: correct HW_USER_NAME, HW_USER_PASSWORD and HW_DOMAIN_NAME, then start again.`,
    { cause: error },
  );
}

/** Lets go of a shared promise when the signal aborts; the work itself goes on for the others. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
