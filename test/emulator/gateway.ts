import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Asm } from "./asm.ts";
import { type Account, authenticate, authorize } from "./authenticate.ts";
import { MalformedTargetError } from "./canonical-request.ts";
import type { Clock } from "./clock.ts";
import { type ActiveFault, type Faults, isFate } from "./faults.ts";
import { faultyAnswer, noSuchApi, send, timesCarriedOut } from "./faulty-answer.ts";
import { type Answer, gatewayError, parseObject, type Received, receive } from "./http.ts";
import { DOMAIN_ID } from "./iam.ts";
import type { MeshStore } from "./mesh-store.ts";
import { findRoute, type Operation, type Route } from "./routes.ts";
import type { Settings } from "./settings.ts";
import { headersOf, type Sink } from "./sink.ts";
import type { Smn } from "./smn.ts";
import { Throttle } from "./throttle.ts";

/** A request and what became of it. */
export interface RecordedRequest {
  at: string;
  method: string;
  target: string;
  /** Undefined when the path or method is no API's. */
  operation?: Operation;
  /** Lower-case names, credentials included. */
  headers: Record<string, string>;
  body: string;
  requestId: string;
  /** The access key or user that was let in. */
  principal?: string;
  fault?: ActiveFault["fault"];
  /** How often the operation was carried out. */
  carriedOut: number;
  /** The status sent; undefined when the sender got none. */
  status?: number;
  /** The error code in the answer. */
  code?: string;
  durationMs: number;
}

export interface GatewayParts {
  account: Account;
  asm: Asm;
  smn: Smn;
  sink: Sink;
  store: MeshStore;
  faults: Faults;
  clock: Clock;
  settings: Settings;
  record: (request: RecordedRequest) => void;
  /** Answers paths under `/_emulator/`. */
  control: (received: Received) => Answer;
}

/** The front of all services: route, authenticate, throttle, meet a fault, carry out, answer. */
export class Gateway {
  readonly #parts: GatewayParts;
  readonly #throttles = new Map<string, Throttle>();

  constructor(parts: GatewayParts) {
    this.#parts = parts;
  }

  async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now();
    const requestId = randomUUID().replaceAll("-", "");
    response.setHeader("x-request-id", requestId);
    const received = await receive(message);
    if (!received) {
      await send(
        response,
        gatewayError(413, "APIGW.0201", "Request entity too large.", requestId),
        undefined,
      );
      return;
    }
    if (received.path.startsWith("/_emulator/")) {
      await send(response, this.#parts.control(received), undefined);
      return;
    }
    const { answer, fault, ...seen } = this.#answer(received, requestId);
    const { clock, record } = this.#parts;
    const entry: RecordedRequest = {
      at: new Date(clock.now()).toISOString(),
      method: received.method,
      target: received.target,
      headers: headersOf(received),
      body: received.body.toString("utf8"),
      requestId,
      ...seen,
      ...(fault ? { fault: fault.fault } : {}),
      durationMs: 0,
    };
    const sent = await send(response, answer, fault);
    if (sent) {
      entry.status = answer.status;
      const code = answer.status >= 400 ? errorCode(answer) : undefined;
      if (code !== undefined) entry.code = code;
    }
    entry.durationMs = Math.round(performance.now() - started);
    record(entry);
  }

  #answer(received: Received, requestId: string): Outcome {
    const route = findRoute(received);
    if (!route) return { answer: noSuchApi(requestId), carriedOut: 0 };
    const { operation } = route;
    let principal: string | undefined;
    if (route.authenticated) {
      const caller = this.#letIn(received, route, requestId);
      if ("status" in caller) return { answer: caller, operation, carriedOut: 0 };
      principal = caller.name;
    }
    const seen = { operation, ...(principal === undefined ? {} : { principal }) };
    const throttled = route.authenticated ? this.#throttle(route, requestId) : undefined;
    if (throttled) return { answer: throttled, ...seen, carriedOut: 0 };

    const fault = this.#parts.faults.take(operation, () => this.#subject(received, route));
    const carriedOut = fault ? timesCarriedOut(fault) : 1;
    let real: Answer | undefined;
    for (let i = 0; i < carriedOut; i++) real = this.#carryOut(received, route, requestId, fault);
    const answer = fault ? faultyAnswer(fault, real, operation, requestId) : (real as Answer);
    return { answer, ...seen, carriedOut, ...(fault ? { fault } : {}) };
  }

  #letIn(received: Received, route: Route, requestId: string): { name: string } | Answer {
    const { account } = this.#parts;
    try {
      const principal = authenticate(received, account, requestId);
      if ("status" in principal) return principal;
      return authorize(received, route, principal, account, requestId) ?? principal;
    } catch (error) {
      if (!(error instanceof MalformedTargetError)) throw error;
      return gatewayError(400, "APIGW.0201", "Bad request.", requestId);
    }
  }

  #throttle(route: Route, requestId: string): Answer | undefined {
    const { settings, clock } = this.#parts;
    const limit = settings.throttling[route.kind === "read" ? "reads" : "writes"];
    if (!limit) return undefined;
    const key = `${route.kind} ${route.projectId} ${limit.limit}/${limit.windowMs}`;
    const throttle = this.#throttles.get(key) ?? new Throttle(limit);
    this.#throttles.set(key, throttle);
    if (throttle.admit(clock.elapsed())) return undefined;
    const { retryAfterSeconds } = settings.throttling;
    const headers = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
    return gatewayError(429, "APIGW.0308", throttle.describe(), requestId, headers);
  }

  #carryOut(received: Received, route: Route, requestId: string, fault: ActiveFault | undefined): Answer {
    const { asm, smn, sink, account, clock } = this.#parts;
    const { operation, projectId = "" } = route;
    if (operation === "Sink") return sink.accept(received, route.sink ?? "", clock.now());
    if (operation === "KeystoneCreateUserTokenByPassword") return account.iam.createToken(received);
    if (operation === "PublishMessage") {
      return smn.publish(received, projectId, route.topicUrn ?? "", requestId);
    }
    const fate = fault && isFate(fault.fault) ? fault.fault : undefined;
    return asm.answer({ received, route, projectId, domainId: DOMAIN_ID, fate });
  }

  /** The name of the mesh (or sink) that a request is about. */
  #subject(received: Received, route: Route): string | undefined {
    if (route.sink !== undefined) return route.sink;
    if (route.meshId !== undefined) return this.#parts.store.find(route.meshId)?.name;
    const metadata = parseObject(received.body)?.metadata as { name?: string } | undefined;
    return metadata?.name;
  }
}

interface Outcome {
  answer: Answer;
  carriedOut: number;
  operation?: Operation;
  principal?: string;
  fault?: ActiveFault;
}

function errorCode({ body }: Answer): string | undefined {
  const value = parseObject(Buffer.from(body));
  const code = value?.errorCode ?? value?.error_code ?? value?.code;
  return typeof code === "string" ? code : undefined;
}
