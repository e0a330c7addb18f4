import * as z from "zod/mini";
import type { ApiClient } from "../huaweicloud/api-client.ts";
import { type Card, cardRows, cardTitle, cut, eventType, oneLine } from "./card.ts";
import type { Channel } from "./channel.ts";

export interface SmnChannelOptions {
  api: ApiClient;
  /** `urn:smn:REGION:PROJECT:TOPIC`; its region and project decide where the message is published. */
  topicUrn: string;
  /** Base URL instead of the one made from the topic's region. */
  endpoint?: string;
}

/**
 * Publishes cards to a topic of Simple Message Notification, which passes them on as e-mail, SMS, HTTPS and
 * function calls. Success means that SMN has stored the message, not that anybody has received it (API page
 * PublishMessage). Throws on a topic URN of another shape.
 */
export function createSmnChannel({ api, topicUrn, endpoint }: SmnChannelOptions): Channel {
  const urn = /^urn:smn:([a-z0-9-]+):([^:/]+):([^:/]+)$/.exec(topicUrn);
  if (!urn) throw new TypeError("The SMN topic must be a URN such as urn:smn:cn-north-4:PROJECT:TOPIC");
  const [, region, projectId, topic] = urn as unknown as [string, string, string, string];
  return {
    name: `smn:${topic}`,
    async send(card, { signal }) {
      const { data } = await api.request({
        operation: "PublishMessage",
        service: "smn",
        kind: "publish",
        endpoint: endpoint ?? `https://smn.${region}.myhuaweicloud.com`,
        method: "POST",
        path: ["v2", projectId, "notifications", "topics", topicUrn, "publish"],
        body: smnMessage(card),
        success: [200],
        schema: published,
        ...(signal && { signal }),
      });
      return { detail: `SMN message ${data.message_id}` };
    },
  };
}

/** The body of a publish call: one text per protocol, as a JSON string (API page PublishMessage). */
export function smnMessage(card: Card): { subject: string; message_structure: string; time_to_live: string } {
  const title = cardTitle(card);
  const lines = [title, ...cardRows(card).map(([key, value]) => `${key}: ${value}`)];
  if (card.links.console) lines.push(`Console: ${card.links.console}`);
  const text = lines.join("\n");
  const event = JSON.stringify({ type: eventType(card), data: card });
  return {
    subject: cutBytes(title, 512),
    message_structure: JSON.stringify({
      default: text,
      email: text,
      sms: smsText(card, title),
      https: event,
      functionstage: event,
    }),
    time_to_live: "3600",
  };
}

const published = z.looseObject({ message_id: z.string("is no text") });

/** Operators drop an SMS that holds a bracket of these kinds, or more than 490 characters. */
function smsText(card: Card, title: string): string {
  const parts = [title, card.mesh.phase ?? "", card.error?.code ?? "", card.runId];
  return cut(oneLine(parts.join(" ")).replace(/[[\]【】]/g, ""), 250);
}

/** Cuts to `limit` bytes of UTF-8 without tearing a character apart. */
function cutBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return text;
  let end = limit;
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end).toString();
}
