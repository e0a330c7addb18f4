import { SignedHeaders } from "./canonical-headers.ts";
import { canonicalUrl } from "./canonical-url.ts";
import { derivedKey, type KeyScope, scopeOfHost, wantsDerivedKey } from "./derived-key.ts";
import { hmacSha256, sha256 } from "./hmac-sha256.ts";
import { SignatureInputError } from "./signature-input-error.ts";

export interface RequestToSign {
  method: string;
  /** Percent-encoded, as it will be sent. */
  url: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

export interface SigningKeys {
  accessKey: string;
  secretKey: string;
  securityToken?: string;
}

export interface SigningOptions {
  /** UTC, `YYYYMMDDTHHMMSSZ`; without it the header `X-Sdk-Date`, or now. */
  date?: string;
  projectId?: string;
  /**
   * Signs with V11-HMAC-SHA256 the hosts that `when` picks (the official SDKs' choice by default). Region and
   * service come from the host unless given. Without this, as in the official SDKs, no host is signed so.
   */
  derived?: Partial<KeyScope> & { when?: (host: string) => boolean };
}

export interface SignedRequest {
  /** Everything to send, `Authorization` included. */
  headers: Record<string, string>;
  canonicalRequest: string;
  stringToSign: string;
  signature: string;
}

/**
 * Signs a request with an access key (SDK-HMAC-SHA256; see "Signing algorithm" of the API Request Signing Guide).
 * Pure but for the clock; signs every header given. Throws {@link SignatureInputError} where what is signed could
 * differ from what is sent.
 */
export function signRequest(
  request: RequestToSign,
  credentials: SigningKeys,
  options: SigningOptions = {},
): SignedRequest {
  checkKeys(credentials);
  checkBody(request.body);
  const method = canonicalMethod(request.method);
  const url = canonicalUrl(request.url);
  const headers = new SignedHeaders(request.headers ?? {});
  const date = options.date ?? headers.get("x-sdk-date") ?? currentDate();
  if (!/^\d{8}T\d{6}Z$/.test(date)) {
    throw new SignatureInputError("date", "The date must be UTC in the form YYYYMMDDTHHMMSSZ.");
  }
  if (headers.get("host") === undefined) headers.set("host", url.host);
  headers.set("X-Sdk-Date", date);
  if (credentials.securityToken) headers.set("X-Security-Token", credentials.securityToken);
  if (options.projectId) headers.set("X-Project-Id", options.projectId);

  const { lines, names } = headers.canonical();
  const payload = headers.get("x-sdk-content-sha256") ?? hashBody(request.body);
  const canonicalRequest = `${method}\n${url.uri}\n${url.query}\n${lines}\n${names}\n${payload}`;
  const hash = sha256(canonicalRequest);

  const scope = derivedScope(headers.get("host")!, options.derived);
  let stringToSign: string;
  let signature: string;
  let authorization: string;
  if (scope === undefined) {
    stringToSign = `SDK-HMAC-SHA256\n${date}\n${hash}`;
    signature = hmacSha256(credentials.secretKey, stringToSign);
    authorization = `SDK-HMAC-SHA256 Access=${credentials.accessKey}, SignedHeaders=${names}, Signature=${signature}`;
  } else {
    const info = `${date.slice(0, 8)}/${scope.region}/${scope.service}`;
    stringToSign = `V11-HMAC-SHA256\n${date}\n${info}\n${hash}`;
    signature = hmacSha256(derivedKey(credentials.accessKey, credentials.secretKey, info), stringToSign);
    authorization = `V11-HMAC-SHA256 Credential=${credentials.accessKey}/${info}, SignedHeaders=${names}, Signature=${signature}`;
  }
  const toSend = headers.toObject();
  toSend.Authorization = authorization;
  return { headers: toSend, canonicalRequest, stringToSign, signature };
}

/** A time in ms as the header `X-Sdk-Date` wants it: `YYYYMMDDTHHMMSSZ`, UTC. */
export function signingDate(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== lastDate.second) {
    const text = new Date(second * 1000).toISOString();
    lastDate = { second, text: `${text.slice(0, 19).replace(/[-:]/g, "")}Z` };
  }
  return lastDate.text;
}

let lastDate = { second: Number.NaN, text: "" };

function currentDate(): string {
  return signingDate(Date.now());
}

function checkKeys({ accessKey, secretKey }: SigningKeys): void {
  if (!accessKey || !/^[\x21-\x2b\x2d-\x7e]+$/.test(accessKey)) {
    throw new SignatureInputError(
      "access-key",
      "The access key is empty or has blanks, commas or controls in it.",
    );
  }
  if (!secretKey) throw new SignatureInputError("secret-key", "The secret key is empty.");
}

function canonicalMethod(method: string): string {
  if (!/^[A-Za-z]+$/.test(method))
    throw new SignatureInputError("method", "The method must be letters only.");
  return method.toUpperCase();
}

function derivedScope(host: string, derived: SigningOptions["derived"]): KeyScope | undefined {
  if (derived === undefined || !(derived.when ?? wantsDerivedKey)(host)) return undefined;
  const { region, service } = derived;
  if (region && service) return { region, service };
  const named = scopeOfHost(host);
  return { region: region ?? named.region, service: service ?? named.service };
}

const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/** The most that may be sent with an access key's signature (ASM API reference, "AK/SK-based authentication"). */
const longestBody = 12 * 1024 * 1024;

function checkBody(body: string | Uint8Array | undefined): void {
  if (body === undefined) return;
  if (typeof body === "string" && !(body as string & { isWellFormed(): boolean }).isWellFormed()) {
    throw new SignatureInputError("lone-surrogate", "The body has half a character (a lone surrogate).");
  }
  // a string never has fewer bytes than UTF-16 units, nor more than three times as many
  if (body.length * 3 <= longestBody) return;
  if (Buffer.byteLength(body) > longestBody) {
    throw new SignatureInputError("body-too-large", "The body is over 12 MB, the most that can be signed.");
  }
}

function hashBody(body: string | Uint8Array | undefined): string {
  if (body === undefined || body.length === 0) return emptyHash;
  return sha256(body);
}
