import type { Credentials, CredentialsProvider } from "./credentials.ts";
import { CredentialsError } from "./errors.ts";
import { type SigningOptions, signingDate, signRequest } from "./signature.ts";

export interface Authenticated {
  /** Headers to send. */
  headers: Record<string, string>;
  credentials?: Credentials;
  /** What was signed, for comparison with what a gateway saw. */
  canonicalRequest?: string;
  /** The correction of the clock that this attempt was signed with, in ms. */
  clockOffsetMs: number;
}

export interface Authenticator {
  /** Credentials of one attempt; new ones in place of `staleToken`, which was refused. */
  credentials(
    staleToken: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Credentials | undefined>;
  /** Adds a signature of this moment, or the token. Throws {@link AccessKeyLocked}. */
  authenticate(
    request: { method: string; url: string; headers: Record<string, string>; body: string | undefined },
    credentials: Credentials | undefined,
    options: { sendProject: boolean },
  ): Authenticated;
  /** Takes over the gateway's clock, unless another call did so since this attempt was signed. */
  correctClock(serverTimeMs: number, attempt: Authenticated): void;
  /** Stops the use of an access key that the gateway has locked. */
  lock(accessKey: string): void;
}

/** A locked access key; `untilMs` is when the gateway takes it again. */
export class AccessKeyLocked extends Error {
  override readonly name = "AccessKeyLocked";
  readonly untilMs: number;

  constructor(untilMs: number) {
    super(
      `the access key is locked until ${new Date(untilMs).toISOString()} after too many failed signatures`,
    );
    this.untilMs = untilMs;
  }
}

/** Signs with an access key or adds a token; knows the gateway's clock and which keys it has locked. */
export function createAuthenticator(options: {
  credentials: CredentialsProvider | "none";
  projectId?: string | undefined;
  derived?: SigningOptions["derived"];
  now: () => number;
}): Authenticator {
  const { credentials: provider, now } = options;
  const lockedUntil = new Map<string, number>();
  let clockOffsetMs = 0;

  const refuseLocked = (credentials: Credentials) => {
    if (credentials.kind !== "access-key") return;
    const until = lockedUntil.get(credentials.accessKey) ?? 0;
    if (until > now()) throw new AccessKeyLocked(until);
  };

  return {
    async credentials(staleToken, signal) {
      if (provider === "none") return undefined;
      const abortable = signal ? { signal } : {};
      const credentials = await provider.get(abortable);
      refuseLocked(credentials);
      const stale = credentials.kind === "token" && credentials.token === staleToken;
      return stale ? provider.get({ refresh: true, ...abortable }) : credentials;
    },
    authenticate(request, credentials, { sendProject }) {
      if (credentials === undefined) return { headers: request.headers, clockOffsetMs };
      if (credentials.kind === "token") {
        if (!/^[\x21-\x7e]+$/.test(credentials.token)) {
          throw new CredentialsError("The IAM token is empty or has blanks or line breaks in it.");
        }
        const headers = { ...request.headers, "x-auth-token": credentials.token };
        return { headers, credentials, clockOffsetMs };
      }
      // it may have been locked while this call waited for its turn
      refuseLocked(credentials);
      const projectId = credentials.projectId ?? options.projectId;
      const { body, ...rest } = request;
      const signed = signRequest(body === undefined ? rest : { ...rest, body }, credentials, {
        date: signingDate(now() + clockOffsetMs),
        ...(projectId && sendProject ? { projectId } : {}),
        ...(options.derived ? { derived: options.derived } : {}),
      });
      const { host: _, ...headers } = signed.headers; // fetch sends the URL's own, which is what was signed
      return { headers, credentials, canonicalRequest: signed.canonicalRequest, clockOffsetMs };
    },
    correctClock(serverTimeMs, attempt) {
      if (attempt.clockOffsetMs === clockOffsetMs) clockOffsetMs = serverTimeMs - now();
    },
    lock(accessKey) {
      lockedUntil.set(accessKey, now() + 5 * 60_000);
    },
  };
}
