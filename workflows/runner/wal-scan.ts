import { existsSync, readFileSync } from "node:fs";

export interface WalLoss {
  /** Bytes at the end of the log that belong to it but hold no whole transaction. */
  bytes: number;
  frames: number;
  detail: string;
}

/**
 * What SQLite will silently leave out when it opens this journal: frames of the write-ahead log after the last whole
 * transaction (https://sqlite.org/fileformat2.html, section 4), and transactions that the shared index still counts
 * although the log no longer holds them. To be called before the file is opened, and never while it is in use.
 */
export function scanWal(journalFile: string): WalLoss | undefined {
  const wal = existsSync(`${journalFile}-wal`) ? readFileSync(`${journalFile}-wal`) : Buffer.alloc(0);
  const index = existsSync(`${journalFile}-shm`) ? readIndex(readFileSync(`${journalFile}-shm`)) : undefined;
  const header = readHeader(wal);
  if (!header) return lostWithoutHeader(wal, index);
  const frameSize = 24 + header.pageSize;
  const last = lastCommit(wal, header, frameSize);
  const end = 32 + last * frameSize;
  // frames of an earlier round of the log have another salt: they were copied to the main file long ago
  const torn = lastOfThisRound(wal, header, end, frameSize);
  if (torn > end) {
    const frames = Math.ceil((torn - end) / frameSize);
    return {
      bytes: torn - end,
      frames,
      detail: `The log ends in ${frames} ${frames === 1 ? "frame" : "frames"} of a transaction that is not whole.`,
    };
  }
  if (index?.salt.equals(header.salt) && index.frames > last) {
    const frames = index.frames - last;
    return {
      bytes: frames * frameSize,
      frames,
      detail: `The log is ${frames} ${frames === 1 ? "frame" : "frames"} shorter than what was written to it.`,
    };
  }
  return undefined;
}

interface Header {
  pageSize: number;
  /** The whole log in the words that its checksums add up. */
  words: Uint32Array;
  salt: Buffer;
  sum: [number, number];
}

interface Index {
  frames: number;
  copied: number;
  pageSize: number;
  salt: Buffer;
}

function readHeader(wal: Buffer): Header | undefined {
  if (wal.length < 32) return undefined;
  const magic = wal.readUInt32BE(0);
  if (magic !== 0x377f0682 && magic !== 0x377f0683) return undefined;
  const words = wordsOf(wal, magic === 0x377f0683);
  const sum = checksum(words, 0, 24, [0, 0]);
  if (sum[0] !== wal.readUInt32BE(24) || sum[1] !== wal.readUInt32BE(28)) return undefined;
  return { pageSize: wal.readUInt32BE(8), words, salt: wal.subarray(16, 24), sum };
}

/** The index of the log (wal-index header, section 2.1 of SQLite's walformat page): native byte order. */
function readIndex(shm: Buffer): Index | undefined {
  if (shm.length < 100 || shm[12] !== 1) return undefined;
  const pageSize = shm.readUInt16LE(14);
  return {
    frames: shm.readUInt32LE(16),
    copied: shm.readUInt32LE(96),
    pageSize: pageSize === 1 ? 65_536 : pageSize,
    salt: shm.subarray(32, 40),
  };
}

function lostWithoutHeader(wal: Buffer, index: Index | undefined): WalLoss | undefined {
  if (index && index.frames > index.copied) {
    const frames = index.frames - index.copied;
    const detail = `The log is gone: ${frames} ${frames === 1 ? "frame" : "frames"} written to it had not been copied yet.`;
    return { bytes: frames * (24 + index.pageSize), frames, detail };
  }
  if (wal.length === 0) return undefined;
  return {
    bytes: wal.length,
    frames: 0,
    detail: "The head of the log is damaged: nothing in it can be used.",
  };
}

/** Number of the last frame that ends a whole transaction. */
function lastCommit(wal: Buffer, header: Header, frameSize: number): number {
  let sum = header.sum;
  let last = 0;
  for (let i = 1; 32 + i * frameSize <= wal.length; i++) {
    const at = 32 + (i - 1) * frameSize;
    if (!wal.subarray(at + 8, at + 16).equals(header.salt)) break;
    sum = checksum(header.words, at, at + 8, sum);
    sum = checksum(header.words, at + 24, at + frameSize, sum);
    if (sum[0] !== wal.readUInt32BE(at + 16) || sum[1] !== wal.readUInt32BE(at + 20)) break;
    if (wal.readUInt32BE(at + 4) !== 0) last = i;
  }
  return last;
}

/** Where the last frame after `from` that carries the log's salt ends; a cut frame head counts as one. */
function lastOfThisRound(wal: Buffer, header: Header, from: number, frameSize: number): number {
  let end = from;
  for (let at = from; at < wal.length; at += frameSize) {
    const salt = wal.subarray(at + 8, at + 16);
    const cut = wal.length - at < 16 && end === at;
    if (cut || salt.equals(header.salt)) end = Math.min(at + frameSize, wal.length);
  }
  return end;
}

/** On little-endian machines, which is where Node runs. */
function wordsOf(wal: Buffer, bigEndian: boolean): Uint32Array {
  const whole = wal.subarray(0, wal.length - (wal.length % 4));
  const aligned =
    whole.byteOffset % 4 === 0 && !bigEndian ? whole : Buffer.from(new Uint8Array(whole).buffer);
  if (bigEndian) aligned.swap32();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
}

/** Over the bytes `from` to `to`, both multiples of 8. */
function checksum(words: Uint32Array, from: number, to: number, start: [number, number]): [number, number] {
  let [a, b] = start;
  for (let i = from / 4; i < to / 4; i += 2) {
    a = (a + (words[i] as number) + b) >>> 0;
    b = (b + (words[i + 1] as number) + a) >>> 0;
  }
  return [a, b];
}
