import { createHash, createHmac, hkdfSync } from "node:crypto";

export interface Authorization {
  algorithm: "SDK-HMAC-SHA256" | "V11-HMAC-SHA256";
  accessKey: string;
  /** V11 only: `{YYYYMMDD}/{region}/{service}`. */
  info?: string;
  signedHeaders: string[];
  signature: string;
}

const plain = /^SDK-HMAC-SHA256 Access=([^,\s]+), SignedHeaders=([^,\s]+), Signature=([0-9a-f]{64})$/;
const derived =
  /^V11-HMAC-SHA256 Credential=([^,\s/]+)\/(\d{8}\/[^,\s/]+\/[^,\s/]+), SignedHeaders=([^,\s]+), Signature=([0-9a-f]{64})$/;

/** Reads an Authorization header of either algorithm; undefined for any other text, blanks and commas included. */
export function parseAuthorization(header: string): Authorization | undefined {
  const v1 = plain.exec(header) as [string, string, string, string] | null;
  if (v1) {
    const [, accessKey, names, signature] = v1;
    return {
      algorithm: "SDK-HMAC-SHA256",
      accessKey,
      signedHeaders: names.toLowerCase().split(";"),
      signature,
    };
  }
  const v11 = derived.exec(header) as [string, string, string, string, string] | null;
  if (!v11) return undefined;
  const [, accessKey, info, names, signature] = v11;
  return {
    algorithm: "V11-HMAC-SHA256",
    accessKey,
    info,
    signedHeaders: names.toLowerCase().split(";"),
    signature,
  };
}

/** The signature that the secret key gives for a canonical request (latin1 text, see canonical-request.ts). */
export function signatureOf(
  authorization: Authorization,
  secretKey: string,
  date: string,
  canonical: string,
): string {
  const digest = createHash("sha256").update(canonical, "latin1").digest("hex");
  const { algorithm, accessKey, info } = authorization;
  if (info === undefined) return hmac(secretKey, [algorithm, date, digest].join("\n"));
  const key = Buffer.from(hkdfSync("sha256", secretKey, accessKey, info, 32)).toString("hex");
  return hmac(key, [algorithm, date, info, digest].join("\n"));
}

function hmac(key: string, text: string): string {
  return createHmac("sha256", key).update(text).digest("hex");
}
