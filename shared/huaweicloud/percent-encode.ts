/**
 * Percent-encodes everything but `A-Z a-z 0-9 - _ . ~`, over UTF-8 bytes, in upper-case hex. Throws `URIError` on
 * a lone surrogate.
 */
export function percentEncode(text: string): string {
  if (unreserved.test(text)) return text;
  return encodeURIComponent(text).replace(leftAlone, hex);
}

const unreserved = /^[A-Za-z0-9\-_.~]*$/;
/** What `encodeURIComponent` does not encode and the signature wants encoded. */
const leftAlone = /[!'()*]/g;

function hex(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
