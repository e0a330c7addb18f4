import { isIPv4, isIPv6 } from "node:net";

/** The rules of single values: each answers what is wrong, or nothing. Sources: ASM API reference, user guide. */

/** CreateMesh, table MeshMetadata: 4 to 64 of a-z 0-9 -, starting with a letter, not ending with a hyphen. */
export function meshNameFault(name: string): string | undefined {
  if (name.length < 4 || name.length > 64)
    return `must have 4 to 64 characters; ${JSON.stringify(name)} has ${name.length}`;
  if (!/^[a-z]/.test(name)) return "must start with a lower-case letter";
  if (name.endsWith("-")) return "must not end with a hyphen";
  if (!/^[a-z0-9-]+$/.test(name)) return "may hold only lower-case letters, digits and hyphens";
  return undefined;
}

/** Both forms the API has documented: `1.18.7-r5` and `v1.18[.7[-r5]]`. */
export const VERSION = /^v?\d+\.\d+(\.\d+(-r\d+)?)?$/;

export function versionFault(version: string): string | undefined {
  return VERSION.test(version)
    ? undefined
    : `must be a version such as 1.18, 1.18.7 or 1.18.7-r5, not ${JSON.stringify(version)}`;
}

/** A comma-separated list of ports, without spaces: `80,443`. */
export function portListFault(list: string): string | undefined {
  return listFault(list, "ports", "80,443", portFault);
}

export function portFault(port: string): string | undefined {
  return /^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65535
    ? undefined
    : `${JSON.stringify(port)} is not a port from 1 to 65535`;
}

/** A comma-separated list of CIDR ranges, v4 or v6, without spaces: `10.247.0.0/16,fd00::/8`. */
export function rangeListFault(list: string): string | undefined {
  return listFault(list, "IP ranges", "10.247.0.0/16,10.0.0.0/8", rangeFault);
}

export function rangeFault(range: string): string | undefined {
  const [address = "", prefix, ...rest] = range.split("/");
  const bits = isIPv4(address) ? 32 : isIPv6(address) && !address.includes("%") ? 128 : undefined;
  if (bits === undefined || rest.length > 0)
    return `${JSON.stringify(range)} is not an IP range such as 10.247.0.0/16`;
  if (prefix === undefined)
    return `${JSON.stringify(range)} has no prefix length; for one address write ${range}/${bits}`;
  if (!/^(0|[1-9]\d{0,2})$/.test(prefix) || Number(prefix) > bits)
    return `${JSON.stringify(range)} has a prefix length that is not 0 to ${bits}`;
  return undefined;
}

function listFault(
  list: string,
  what: string,
  example: string,
  fault: (item: string) => string | undefined,
): string | undefined {
  if (list === "") return `must name ${what} such as ${example}, or be left out`;
  if (/\s/.test(list)) return `must be ${what} with commas and no spaces, such as ${example}`;
  const faults = list.split(",").flatMap((item) => fault(item) ?? []);
  return faults.length > 0 ? faults.join("; ") : undefined;
}

/** Tags: letters, digits, spaces, Chinese characters and `_.:/=+-@`; key 1 to 128, no `_sys_`; value to 255. */
export function tagKeyFault(key: string): string | undefined {
  if (key.length < 1 || key.length > 128) return `must have 1 to 128 characters, not ${key.length}`;
  if (key.startsWith("_sys_")) return "must not start with _sys_, which is kept for the system";
  return tagCharacterFault(key);
}

export function tagValueFault(value: string): string | undefined {
  return value.length > 255
    ? `must have at most 255 characters, not ${value.length}`
    : tagCharacterFault(value);
}

function tagCharacterFault(text: string): string | undefined {
  return /^[\p{L}\p{Nd} _.:/=+\-@]*$/u.test(text)
    ? undefined
    : "may hold only letters, digits, spaces, Chinese characters and _ . : / = + - @";
}

/** Defaults of the product: at most 20 tags, each key once. */
export const MAX_TAGS = 20;

/** The tracing provider that ASM brings along; any other name must be defined. */
export const PRESET_PROVIDER = "apm-otel";
