import type { Card } from "./card.ts";

/**
 * One destination that cards are sent to. `send` resolves when the destination has taken the card and rejects
 * with an error that says why not, without any secret in it. The same `messageId` marks the same message, so
 * that a destination can recognise one that is sent again.
 */
export interface Channel {
  /** What a delivery record calls this destination, such as `smn:ops` or `webhook:hooks.example.com`. */
  name: string;
  send(card: Card, options: { messageId: string; signal?: AbortSignal }): Promise<{ detail?: string }>;
}
