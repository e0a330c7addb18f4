import type { Call } from "../invocation.ts";

/**
 * Aborts `signal` some time before the function's end, so that a step can answer with all it knows. A controller for
 * each invocation: middy 6 has one for all of them, and one invocation's end would stop its neighbours.
 */
export function stopSignal(stopEarlyMs: number) {
  const timers = new WeakMap<Call, NodeJS.Timeout>();
  const clear = ({ context }: { context: Call }) => clearTimeout(timers.get(context));
  return {
    before({ context: call }: { context: Call }): void {
      const controller = new AbortController();
      const stop = () => controller.abort(new Error("the time limit of the function is nearly reached"));
      call.signal = controller.signal;
      timers.set(call, setTimeout(stop, call.getRemainingTimeInMillis() - stopEarlyMs));
    },
    after: clear,
    onError: clear,
  };
}
