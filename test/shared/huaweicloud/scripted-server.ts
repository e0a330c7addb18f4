import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type ReceivedRequest, receive } from "./verify-signature.ts";

export type Step =
  | { status: number; body?: unknown; headers?: Record<string, string> }
  /** Takes the request, then closes the connection without an answer. */
  | "reset"
  /** Takes the request and never answers. */
  | "hang"
  /** Answers 200 with half a body, then closes. */
  | "half"
  | ((request: ReceivedRequest) => Step);

export interface ScriptedServer {
  url: string;
  requests: ReceivedRequest[];
  /** Connections that were opened. */
  connections(): number;
  /** The next answers, in order; the last one is repeated. */
  script(...steps: Step[]): void;
  close(): Promise<void>;
}

/** A real server on a port of its own that answers as a test writes it down. */
export async function startScriptedServer(): Promise<ScriptedServer> {
  const requests: ReceivedRequest[] = [];
  let steps: Step[] = [];
  let connections = 0;
  const server = createServer(async (message, response) => {
    const request = await receive(message);
    requests.push(request);
    const step = steps.length > 1 ? steps.shift() : steps[0];
    play(step ?? { status: 500, body: "no step is written down" }, request, message, response);
  });
  server.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    connections: () => connections,
    script(...next) {
      requests.length = 0;
      steps = next;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function play(
  step: Step,
  request: ReceivedRequest,
  message: IncomingMessage,
  response: ServerResponse,
): void {
  if (typeof step === "function") {
    play(step(request), request, message, response);
    return;
  }
  if (step === "hang") return;
  if (step === "reset") {
    message.socket.destroy();
    return;
  }
  if (step === "half") {
    response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
    response.write('{"items":', () => message.socket.destroy());
    return;
  }
  const { status, body, headers = {} } = step;
  response.writeHead(status, headers);
  response.end(body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body));
}

/** Time that passes only while something sleeps, and what it slept. */
export function virtualTime(start = Date.UTC(2024, 0, 15, 8, 30)) {
  const time = {
    ms: start,
    waits: [] as number[],
    now: () => time.ms,
    async sleep(ms: number, signal?: AbortSignal): Promise<void> {
      signal?.throwIfAborted();
      time.waits.push(ms);
      time.ms += ms;
    },
  };
  return time;
}
