import { hkdfSync } from "node:crypto";
import { SignatureInputError } from "./signature-input-error.ts";

/** Where a derived key holds: one region, one service. */
export interface KeyScope {
  region: string;
  service: string;
}

/**
 * Whether a host wants V11-HMAC-SHA256 by the official SDKs' default predicate: every host but
 * `{service}[.{region}].[my]huaweicloud|myhwclouds.com|cn`.
 */
export function wantsDerivedKey(host: string): boolean {
  const labels = hostname(host).split(".");
  const suffix = labels.pop();
  const provider = labels.pop();
  const service = labels.shift();
  const [region, ...more] = labels;
  const usual =
    (suffix === "com" || suffix === "cn") &&
    provider !== undefined &&
    /^(my)?(huaweicloud|myhwclouds)$/.test(provider) &&
    service !== undefined &&
    /^[a-z][a-z0-9-]+$/.test(service) &&
    more.length === 0 &&
    (region === undefined || /^[a-z]{2,}-[a-z]+-\d{1,2}$/.test(region));
  return !usual;
}

/** Region and service as a host such as `asm.eu-west-101.myhuaweicloud.eu` names them. */
export function scopeOfHost(host: string): KeyScope {
  const [service, region] = hostname(host).split(".");
  if (!service || !region || !/^[a-z]{2,}-[a-z]+-\d{1,3}$/.test(region)) {
    throw new SignatureInputError("scope", `The host ${host} names no region: give region and service.`);
  }
  return { region, service };
}

/**
 * The signing key of one day, region and service, as 64 hex characters (the key is the text, not the bytes).
 * Kept for the last few scopes: deriving costs six times as much as signing.
 */
export function derivedKey(accessKey: string, secretKey: string, info: string): string {
  const id = JSON.stringify([accessKey, secretKey, info]);
  const known = keys.get(id);
  if (known !== undefined) return known;
  const key = Buffer.from(hkdfSync("sha256", secretKey, accessKey, info, 32)).toString("hex");
  if (keys.size >= 32) keys.delete(keys.keys().next().value!);
  keys.set(id, key);
  return key;
}

const keys = new Map<string, string>();

function hostname(host: string): string {
  return host.replace(/:\d+$/, "").toLowerCase();
}
