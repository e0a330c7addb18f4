import { randomUUID } from "node:crypto";
import type { Clock } from "./clock.ts";
import { type Answer, isObject, json, parseObject, type Received } from "./http.ts";
import type { Settings } from "./settings.ts";

export interface PublishedMessage {
  messageId: string;
  requestId: string;
  topicUrn: string;
  at: string;
  subject?: string;
  message?: string;
  /** `message_structure`, read as JSON. */
  structure?: Record<string, unknown>;
  /** The body as it was sent. */
  body: Record<string, unknown>;
}

/** SMN: publish to a topic. Errors have SMN's shape `{request_id, code, message}`. */
export class Smn {
  readonly #clock: Clock;
  readonly #settings: Settings;
  readonly published: PublishedMessage[] = [];

  constructor(clock: Clock, settings: Settings) {
    this.#clock = clock;
    this.#settings = settings;
  }

  publish(received: Received, projectId: string, topicUrn: string, requestId: string): Answer {
    const refuse = (status: number, code: string, message: string) =>
      json(status, { request_id: requestId, code, message });
    const urn = /^urn:smn:([^:]+):([^:]+):([A-Za-z0-9_-]+)$/.exec(topicUrn);
    if (!urn) return refuse(400, "SMN.0005", "Invalid topic_urn.");
    const { topics } = this.#settings;
    if (urn[2] !== projectId || (topics && !topics.includes(topicUrn))) {
      return refuse(404, "SMN.0006", "Topic not found.");
    }
    const body = parseObject(received.body);
    if (!body) return refuse(400, "SMN.0001", "The request body is not a JSON object.");
    const structure = readStructure(body.message_structure);
    if (structure === "invalid") return refuse(400, "SMN.0021", "Invalid message_structure.");
    const fault = faultOf(body);
    if (fault !== undefined) return refuse(400, "SMN.0001", fault);
    const messageId = randomUUID().replaceAll("-", "");
    this.published.push({
      messageId,
      requestId,
      topicUrn,
      at: new Date(this.#clock.now()).toISOString(),
      ...(typeof body.subject === "string" ? { subject: body.subject } : {}),
      ...(typeof body.message === "string" ? { message: body.message } : {}),
      ...(structure ? { structure } : {}),
      body,
    });
    return json(200, { request_id: requestId, message_id: messageId });
  }
}

/** A JSON text of an object of texts that has a `default`. */
function readStructure(text: unknown): Record<string, unknown> | "invalid" | undefined {
  if (text === undefined) return undefined;
  const structure = typeof text === "string" ? parseObject(Buffer.from(text)) : undefined;
  const complete = structure && typeof structure.default === "string" && structure.default !== "";
  return complete && Object.values(structure).every((value) => typeof value === "string")
    ? structure
    : "invalid";
}

function faultOf(body: Record<string, unknown>): string | undefined {
  const { subject, message, message_structure, message_template_name, tags, time_to_live } = body;
  if (subject !== undefined && !isText(subject, 512)) return "subject must be a string of at most 512 bytes.";
  if (message !== undefined && !isText(message, 256 * 1024)) return "message must be at most 256 KB.";
  if (message_structure !== undefined && !isText(message_structure, 256 * 1024)) {
    return "message_structure must be at most 256 KB.";
  }
  if (message === undefined && message_structure === undefined && message_template_name === undefined) {
    return "One of message, message_structure and message_template_name is required.";
  }
  if (message_template_name !== undefined && !isObject(tags)) return "A template needs tags.";
  if (tags !== undefined && !areTags(tags))
    return "tags must be texts of at most 1 KB, keys at most 21 characters.";
  const seconds = time_to_live;
  if (
    seconds !== undefined &&
    !(typeof seconds === "string" && /^[1-9]\d*$/.test(seconds) && Number(seconds) <= 604_800)
  ) {
    return "time_to_live must be a string of 1 to 604800 seconds.";
  }
  return undefined;
}

function isText(value: unknown, maxBytes: number): boolean {
  return typeof value === "string" && value !== "" && Buffer.byteLength(value) <= maxBytes;
}

function areTags(tags: unknown): boolean {
  return (
    isObject(tags) &&
    Object.entries(tags).every(([key, value]) => key.length <= 21 && (value === "" || isText(value, 1024)))
  );
}
