import type { ServerResponse } from "node:http";
import { asmError } from "./asm.ts";
import type { ActiveFault } from "./faults.ts";
import { type Answer, gatewayError, json } from "./http.ts";
import type { Operation } from "./routes.ts";
import { Throttle } from "./throttle.ts";

/** How often the request is carried out before it is answered: never, once or (delivered twice) two times. */
export function timesCarriedOut({ fault, processed }: ActiveFault): 0 | 1 | 2 {
  if (fault === "duplicate") return 2;
  if (processed !== undefined) return processed ? 1 : 0;
  return fault === "reset" || fault === "timeout" || replacement(fault) ? 0 : 1;
}

const pages = {
  "html-502":
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n",
};

const replacements: Record<string, (fault: ActiveFault, operation: Operation, requestId: string) => Answer> =
  {
    "html-502": () => ({ status: 502, headers: { "content-type": "text/html" }, body: pages["html-502"] }),
    "empty-502": () => ({ status: 502, body: "" }),
    "empty-503": () => ({ status: 503, body: "" }),
    "empty-504": () => ({ status: 504, body: "" }),
    "request-timeout": () => ({ status: 408, headers: { connection: "close" }, body: "" }),
    "internal-error": ({ status = 500 }, operation, requestId) =>
      isAsm(operation)
        ? { ...asmError("internal"), status }
        : gatewayError(status, "APIGW.0601", "Internal server error.", requestId),
    throttled: (_, __, requestId) =>
      gatewayError(429, "APIGW.0308", new Throttle({ limit: 10 }).describe(), requestId),
    locked: () => asmError("locked"),
    "token-expired": (_, __, requestId) =>
      gatewayError(401, "APIGW.0307", "The token must be updated", requestId),
    "gateway-404": (_, __, requestId) => noSuchApi(requestId),
    unauthorized: () => asmError("unauthorized"),
    forbidden: (_, operation, requestId) =>
      isAsm(operation)
        ? asmError("forbidden")
        : gatewayError(403, "APIGW.0302", "The IAM user is not authorized to access the API.", requestId),
    answer: ({ status = 200, headers = {}, body = "" }) =>
      typeof body === "string" ? { status, headers, body } : json(status, body, headers),
  };

/** The gateway's answer to a path or method that it does not know. */
export function noSuchApi(requestId: string): Answer {
  const text = "The API does not exist or has not been published in the environment";
  return gatewayError(404, "APIGW.0101", text, requestId);
}

/** The answer that a request with this fault gets instead of `real` (which is undefined if it was not carried out). */
export function faultyAnswer(
  fault: ActiveFault,
  real: Answer | undefined,
  operation: Operation,
  requestId: string,
): Answer {
  const instead = replacement(fault.fault);
  const answer = instead ? instead(fault, operation, requestId) : (real ?? { status: 503, body: "" });
  const { retryAfterSeconds } = fault;
  const headers = {
    ...answer.headers,
    ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }),
    ...fault.headers,
  };
  if (fault.fault === "broken-json") {
    return { ...answer, headers, body: answer.body.slice(0, answer.body.length / 2) };
  }
  if (fault.fault === "wrong-json") return { ...answer, headers, body: '{"unexpected":[1,2,3]}' };
  return { ...answer, headers };
}

/** Sends an answer; with a fault of the connection, as badly as it says. True when it was sent whole. */
export async function send(
  response: ServerResponse,
  answer: Answer,
  fault: ActiveFault | undefined,
): Promise<boolean> {
  const kind = fault?.fault;
  if (fault?.delayMs !== undefined && kind !== "slow-body") await pause(fault.delayMs);
  if (kind === "timeout") return false;
  if (kind === "reset") response.socket?.resetAndDestroy();
  if (kind === "lost-answer") response.socket?.destroy();
  if (response.destroyed || response.socket?.destroyed) return false;
  const body = Buffer.from(answer.body);
  response.writeHead(answer.status, { ...answer.headers, "content-length": body.length });
  if (kind === "cut-body") {
    response.write(body.subarray(0, body.length >> 1), () => response.socket?.destroy());
    return false;
  }
  if (kind === "slow-body") {
    for (let i = 0; i < body.length && !response.destroyed; i += SLOW_PIECE_BYTES) {
      response.write(body.subarray(i, i + SLOW_PIECE_BYTES));
      await pause(fault?.delayMs ?? 50);
    }
    response.end();
    return !response.destroyed;
  }
  response.end(body);
  return true;
}

const SLOW_PIECE_BYTES = 16;

function replacement(kind: ActiveFault["fault"]) {
  return Object.hasOwn(replacements, kind) ? replacements[kind] : undefined;
}

function isAsm(operation: Operation): boolean {
  return operation.includes("Mesh");
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
