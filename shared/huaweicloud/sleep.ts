/**
 * Waits `ms` milliseconds. Rejects with the signal's reason as soon as it aborts. Right for delays longer than
 * the 24.8 days that one timer can hold.
 */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const end = Date.now() + ms;
    let timer: NodeJS.Timeout;
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const wait = (left: number) => {
      timer = setTimeout(
        () => {
          const rest = left - longestTimer;
          if (rest > 0) {
            wait(Math.min(rest, end - Date.now()));
            return;
          }
          signal?.removeEventListener("abort", stop);
          resolve();
        },
        Math.min(Math.max(left, 0), longestTimer),
      );
    };
    wait(ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

const longestTimer = 2 ** 31 - 1;
