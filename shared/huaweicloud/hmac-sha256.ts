import * as crypto from "node:crypto";

/** `crypto.hash` is three times as fast as `createHash`; Node has it since 20.12. */
export const sha256: (data: string | Uint8Array) => string =
  typeof crypto.hash === "function"
    ? (data) => crypto.hash("sha256", data, "hex")
    : (data) => crypto.createHash("sha256").update(data).digest("hex");

/**
 * HMAC-SHA256 as hex. Where `crypto.hash` exists it is made of two hashes with the key's pads kept, which takes
 * about half the time of `createHmac` for the short texts signed here (RFC 2104).
 */
export function hmacSha256(key: string, text: string): string {
  if (typeof crypto.hash !== "function" || text.length * 3 > longestText) {
    return crypto.createHmac("sha256", key).update(text).digest("hex");
  }
  const { inner, outer } = padsOf(key);
  const length = inner.write(text, blockBytes);
  outer.write(crypto.hash("sha256", inner.subarray(0, blockBytes + length), "hex"), blockBytes, "hex");
  return crypto.hash("sha256", outer, "hex");
}

const blockBytes = 64;
const longestText = 1024;

interface Pads {
  /** The key's inner pad, with room for a text behind it. */
  inner: Buffer;
  /** The key's outer pad, with room for a hash behind it. */
  outer: Buffer;
}

/** Pads of the last few keys. */
const pads = new Map<string, Pads>();

function padsOf(key: string): Pads {
  const known = pads.get(key);
  if (known) return known;
  const bytes = Buffer.from(key);
  const block = Buffer.alloc(blockBytes);
  if (bytes.length > blockBytes) block.write(sha256(bytes), "hex");
  else bytes.copy(block);
  const made = { inner: Buffer.alloc(blockBytes + longestText), outer: Buffer.alloc(blockBytes + 32) };
  for (const [index, byte] of block.entries()) {
    made.inner[index] = byte ^ 0x36;
    made.outer[index] = byte ^ 0x5c;
  }
  if (pads.size >= 16) pads.delete(pads.keys().next().value!);
  pads.set(key, made);
  return made;
}
