import type { Readable } from "node:stream";
import pc from "picocolors";

export type Colors = ReturnType<typeof pc.createColors>;

/** Where a command reads and writes: results to `out`, progress and messages to `err`. */
export interface Terminal {
  out: Channel;
  err: Channel;
  input: Readable & { isTTY?: boolean };
  /** A person can be asked: input and messages are both a terminal. */
  interactive: boolean;
}

export interface Channel {
  /** Writes text and a newline. */
  line(text: string): void;
  /** Writes text as it is. */
  write(text: string): void;
  colors: Colors;
  isTTY: boolean;
  /** Cells per line now; undefined when the stream is no terminal, so that nothing is cut in a pipe. */
  columns(): number | undefined;
}

/** The process's own streams. Node's colour detection honours NO_COLOR, FORCE_COLOR and TERM=dumb. */
export function processTerminal(): Terminal {
  return {
    out: channel(process.stdout),
    err: channel(process.stderr),
    input: process.stdin,
    interactive: Boolean(process.stdin.isTTY && process.stderr.isTTY),
  };
}

function channel(stream: NodeJS.WriteStream): Channel {
  const isTTY = Boolean(stream.isTTY);
  return {
    line: (text) => stream.write(`${text}\n`),
    write: (text) => stream.write(text),
    colors: pc.createColors(isTTY && stream.hasColors()),
    isTTY,
    columns: () => (isTTY ? stream.columns : undefined),
  };
}
