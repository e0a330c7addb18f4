import { percentEncode } from "./percent-encode.ts";
import { SignatureInputError } from "./signature-input-error.ts";

export interface CanonicalUrl {
  /** As `fetch` sends it: lower case, without the scheme's default port. */
  host: string;
  /** Each segment decoded once and encoded again; always ends with `/`. */
  uri: string;
  /** Names and values decoded once, sorted, encoded again; empty without a query. */
  query: string;
}

/**
 * The parts of a URL that are signed. Refuses with {@link SignatureInputError} whatever the gateway may read in
 * another way than we do: `%2F`, `//`, dot segments (which `fetch` removes), broken percent-encoding.
 */
export function canonicalUrl(url: string): CanonicalUrl {
  const parts = shape.exec(url);
  if (!parts || altered.test(url)) {
    throw new SignatureInputError(
      "url",
      "The URL must be http or https, without user name, backslash or control characters.",
    );
  }
  const [, scheme, authority, path, query, fragment] = parts as unknown as string[];
  if (fragment !== undefined) {
    throw new SignatureInputError(
      "fragment",
      "The URL has a fragment (#), which is not sent: encode it as %23 if it belongs to the path or query.",
    );
  }
  return {
    host: plainHost.test(authority!) ? authority! : hostAsSent(`${scheme}://${authority}`),
    uri: canonicalUri(path!),
    query: query ? canonicalQuery(query) : "",
  };
}

const shape = /^(https?):\/\/([^/?#@]+)([^?#]*)(?:\?([^#]*))?(#.*)?$/i;
/** Characters that URL parsing strips or turns into `/`. */
const altered = /[\p{Cc}\\]|^ | $/u;
/** A name that needs no normalising: no upper case, no port, not an address with brackets. */
const plainHost =
  /^[a-z](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z](?:[a-z0-9-]*[a-z0-9])?|\.[0-9]+[a-z-][a-z0-9-]*)+$/;
const plainPath = /^(?:\/[A-Za-z0-9_~-][A-Za-z0-9\-_.~]*)*\/?$/;

function hostAsSent(origin: string): string {
  try {
    return new URL(origin).host;
  } catch {
    throw new SignatureInputError("url", "The URL's host is not valid.");
  }
}

function canonicalUri(path: string): string {
  if (plainPath.test(path)) return path.endsWith("/") ? path : `${path}/`;
  const segments = path.split("/").slice(1);
  const last = segments.length - 1;
  let uri = "/";
  segments.forEach((raw, index) => {
    if (raw === "") {
      if (index < last) throw new SignatureInputError("double-slash", "The path has an empty segment (//).");
      return;
    }
    const segment = decode(raw);
    if (segment === "." || segment === "..") {
      throw new SignatureInputError("dot-segment", `The path has a "${segment}" segment.`);
    }
    if (segment.includes("/")) {
      throw new SignatureInputError("encoded-slash", "A segment of the path has an encoded slash (%2F).");
    }
    uri += `${encode(segment)}/`;
  });
  return uri;
}

function canonicalQuery(query: string): string {
  const pairs: { name: string; value: string; text: string }[] = [];
  for (const part of query.split("&")) {
    if (part === "") continue;
    const at = part.indexOf("=");
    const name = decodeQuery(at < 0 ? part : part.slice(0, at));
    if (name === "") {
      throw new SignatureInputError("query-empty-name", "A query parameter has no name.");
    }
    const value = at < 0 ? "" : decodeQuery(part.slice(at + 1));
    pairs.push({ name, value, text: `${encode(name)}=${encode(value)}` });
  }
  if (pairs.length > 1) {
    pairs.sort((a, b) => compare(a.name, b.name) || compare(a.value, b.value));
    refuseUnportableOrder(pairs.map((pair) => pair.name));
  }
  return pairs.map((pair) => pair.text).join("&");
}

/** Signers sort the decoded names by UTF-16 unit or byte, or the encoded ones: only names all agree on are signed. */
function refuseUnportableOrder(names: string[]): void {
  for (let i = 1; i < names.length; i++) {
    if (compare(encode(names[i - 1]!), encode(names[i]!)) > 0) {
      throw new SignatureInputError(
        "query-name-order",
        `Gateways may sort the query names "${names[i - 1]}" and "${names[i]}" differently.`,
      );
    }
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function decodeQuery(text: string): string {
  return decode(text.includes("+") ? text.replaceAll("+", "%20") : text);
}

function decode(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new SignatureInputError("percent-encoding", `"${text}" is not valid percent-encoded UTF-8.`);
  }
}

function encode(text: string): string {
  try {
    return percentEncode(text);
  } catch {
    throw new SignatureInputError("lone-surrogate", "The URL has half a character (a lone surrogate).");
  }
}
