import { type Answer, json, type Received } from "./http.ts";

/** What a webhook receiver got. */
export interface Delivered {
  sink: string;
  at: string;
  /** The request target, query included. */
  target: string;
  /** Lower-case names. */
  headers: Record<string, string>;
  /** The body byte for byte, as UTF-8 text. */
  body: string;
}

/** A receiver of webhooks that takes everything; its answer pleases the generic, Feishu, WeCom and DingTalk senders. */
export class Sink {
  readonly delivered: Delivered[] = [];

  accept(received: Received, sink: string, at: number): Answer {
    this.delivered.push({
      sink,
      at: new Date(at).toISOString(),
      target: received.target,
      headers: headersOf(received),
      body: received.body.toString("utf8"),
    });
    return json(200, { ok: true, code: 0, msg: "success", errcode: 0, errmsg: "ok" });
  }
}

/** The headers of a request by lower-case name; equal names joined with a comma. */
export function headersOf({ rawHeaders }: Received): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase();
    const value = rawHeaders[i + 1] as string;
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return headers;
}
