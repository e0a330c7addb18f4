import { createHash } from "node:crypto";
import { canonicalRequest } from "./canonical-request.ts";
import { type Clock, parseSdkDate, sdkDate } from "./clock.ts";
import type { Received } from "./http.ts";
import { parseAuthorization, signatureOf } from "./signature.ts";

export interface AccessKey {
  secretKey: string;
  /** Set for a temporary key: every request must carry it as X-Security-Token. */
  securityToken?: string;
}

export type SignatureVerdict = { accessKey: string } | { refusal: string };

const VALIDITY_MS = 15 * 60_000;
const FAILURES_BEFORE_LOCK = 5;
const LOCK_MS = 5 * 60_000;

/**
 * Checks signatures as the gateway does and locks an access key for 5 minutes after more than 5 consecutive
 * failures. A refusal is the detail of an APIGW.0301.
 */
export class AccessKeys {
  readonly #keys: Map<string, AccessKey>;
  readonly #clock: Clock;
  readonly #failures = new Map<string, { count: number; lockedUntil: number }>();

  constructor(keys: Map<string, AccessKey>, clock: Clock) {
    this.#keys = keys;
    this.#clock = clock;
  }

  verify(received: Received, header: string): SignatureVerdict {
    const authorization = parseAuthorization(header);
    if (!authorization) return { refusal: "x-auth-token not found" };
    const { accessKey } = authorization;
    const key = this.#keys.get(accessKey);
    if (!key) return { refusal: `ak ${accessKey} not exist` };
    const failures = this.#failures.get(accessKey);
    if (failures && failures.lockedUntil > this.#clock.elapsed()) {
      return { refusal: "AK access failed to reach the limit,forbidden" };
    }
    const refusal = this.#check(received, authorization, key);
    if (refusal === undefined) {
      if (failures) this.#failures.delete(accessKey);
      return { accessKey };
    }
    this.#countFailure(accessKey);
    return { refusal };
  }

  #check(
    received: Received,
    authorization: NonNullable<ReturnType<typeof parseAuthorization>>,
    key: AccessKey,
  ): string | undefined {
    const { accessKey, signedHeaders, info } = authorization;
    const securityToken = received.header("x-security-token");
    // A temporary key without its token is a key nobody knows; a token that is not the key's cannot be read.
    if (key.securityToken !== undefined && securityToken === undefined) return `ak ${accessKey} not exist`;
    if (key.securityToken !== securityToken) return "decrypt token fail";

    const date = received.header("x-sdk-date") ?? "";
    const signedAt = parseSdkDate(date);
    if (signedAt === undefined) return "calc aksk signature fail:X-Sdk-Date must be YYYYMMDDTHHMMSSZ";
    const now = this.#clock.now();
    if (Math.abs(now - signedAt) > VALIDITY_MS) {
      return `calc aksk signature fail:signature expired, signature time:${date},server time:${sdkDate(now)}`;
    }
    const canonical = canonicalRequest(received, signedHeaders);
    const unsigned = ["x-sdk-date", "x-sdk-content-sha256"].some(
      (name) => received.header(name) !== undefined && !signedHeaders.includes(name),
    );
    const wrongDay = info !== undefined && !info.startsWith(date.slice(0, 8));
    const matches = signatureOf(authorization, key.secretKey, date, canonical) === authorization.signature;
    if (matches && !unsigned && !wrongDay && bodyMatches(received)) return undefined;
    return `verify aksk signature fail, canonicalRequest:${canonical.replaceAll("\n", "|")}`;
  }

  #countFailure(accessKey: string): void {
    const now = this.#clock.elapsed();
    const before = this.#failures.get(accessKey);
    const count = before && before.lockedUntil === 0 ? before.count + 1 : 1;
    this.#failures.set(accessKey, {
      count,
      lockedUntil: count > FAILURES_BEFORE_LOCK ? now + LOCK_MS : 0,
    });
  }
}

/** A content hash in a header must be the body's, or say that the body is not signed. */
function bodyMatches(received: Received): boolean {
  const given = received.header("x-sdk-content-sha256")?.trim();
  if (given === undefined || given === "UNSIGNED-PAYLOAD") return true;
  return given === createHash("sha256").update(received.body).digest("hex");
}
