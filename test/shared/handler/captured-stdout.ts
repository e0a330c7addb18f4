/** Replaces `process.stdout.write`, as the runtime does, while `run` runs; gives its result and what was written. */
export async function capturingStdout<T>(run: () => Promise<T>): Promise<{ result: T; lines: string[] }> {
  const original = process.stdout.write;
  const lines: string[] = [];
  process.stdout.write = ((line: string) => void lines.push(line)) as never;
  try {
    return { result: await run(), lines };
  } finally {
    process.stdout.write = original;
  }
}
