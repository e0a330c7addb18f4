import type { Credentials, CredentialsProvider } from "./credentials.ts";
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
  /** Adds the authentication of one attempt. `staleToken`: the token that was refused. */
  authenticate(
    request: { method: string; url: string; headers: Record<string, string>; body: string | undefined },
    options: { staleToken?: string | undefined; sendProject: boolean; signal: AbortSignal | undefined },
  ): Promise<Authenticated>;
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
  return {
    async authenticate(request, { staleToken, sendProject, signal }) {
      if (provider === "none") return { headers: request.headers, clockOffsetMs };
      let credentials = await provider.get(signal ? { signal } : {});
      if (staleToken !== undefined && credentials.kind === "token" && credentials.token === staleToken) {
        credentials = await provider.get({ refresh: true, ...(signal ? { signal } : {}) });
      }
      if (credentials.kind === "token") {
        return {
          headers: { ...request.headers, "X-Auth-Token": credentials.token },
          credentials,
          clockOffsetMs,
        };
      }
      const until = lockedUntil.get(credentials.accessKey) ?? 0;
      if (until > now()) throw new AccessKeyLocked(until);
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
