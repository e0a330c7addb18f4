import { cardRows, cardTitle } from "./card.ts";
import type { Channel } from "./channel.ts";

export interface ConsoleChannelOptions {
  /** Takes whole lines, each with its line end; standard error by default, which leaves standard output clean. */
  write?: (text: string) => void;
}

/** Prints a card as plain aligned lines, for a terminal or a log. */
export function createConsoleChannel({
  write = (text) => process.stderr.write(text),
}: ConsoleChannelOptions = {}): Channel {
  return {
    name: "console",
    async send(card) {
      const rows = cardRows(card);
      if (card.links.console) rows.push(["Console", card.links.console]);
      if (card.links.logs) rows.push(["Logs", card.links.logs]);
      const width = Math.max(...rows.map(([key]) => key.length));
      const lines = rows.map(([key, value]) => `  ${key.padEnd(width)}  ${value}`);
      write(`${[cardTitle(card), ...lines].join("\n")}\n`);
      return {};
    },
  };
}
