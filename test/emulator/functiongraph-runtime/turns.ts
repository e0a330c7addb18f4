import type { FunctionSettings } from "./settings.ts";

/** As many turns as an instance runs requests at a time; `take` tells false where a full instance refuses. */
export function createTurns({ concurrency = 1, whenBusy = "queue" }: FunctionSettings) {
  let free = concurrency;
  const waiting: (() => void)[] = [];
  return {
    take: async (): Promise<boolean> => {
      if (free === 0 && whenBusy === "refuse") return false;
      if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      else free -= 1;
      return true;
    },
    giveBack: (): void => {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    },
  };
}
