import * as z from "zod";
import type { Emulator } from "./emulator.ts";
import { fault } from "./faults.ts";
import { type Answer, json, parseObject, type Received } from "./http.ts";
import { settingsChange } from "./settings.ts";

const clockChange = z.strictObject({ skewMs: z.number().optional(), advanceMs: z.number().optional() });
const phaseChange = z.strictObject({ phase: z.string().min(1) });
const seed = z.strictObject({
  name: z.string(),
  projectId: z.string().optional(),
  clusterId: z.string().optional(),
  version: z.string().optional(),
  phase: z.string().optional(),
  createdSecondsAgo: z.number().optional(),
});

type Controls = Omit<Emulator, "close">;

/** The control API under `/_emulator/`, so that a program in any language can steer the emulator. */
export function control(received: Received, emulator: Controls): Answer {
  const call = `${received.method} ${received.path.slice("/_emulator".length)}`;
  const phase = /^POST \/meshes\/([^/]+)\/phase$/.exec(call);
  try {
    if (phase) {
      emulator.setPhase(decodeURIComponent(phase[1] as string), phaseChange.parse(body(received)).phase);
      return json(200, { meshes: emulator.meshes() });
    }
    const action = Object.hasOwn(actions, call) ? actions[call] : undefined;
    return action ? json(200, action(emulator, received)) : json(404, { error: `no such control: ${call}` });
  } catch (error) {
    const message = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    return json(400, { error: message });
  }
}

const actions: Record<string, (emulator: Controls, received: Received) => unknown> = {
  "GET /state": (emulator) => ({
    clock: emulator.clock.state(),
    settings: emulator.settings(),
    faults: emulator.faults(),
    meshes: emulator.meshes(),
    published: emulator.published(),
    delivered: emulator.delivered(),
    requests: emulator.requests().length,
  }),
  "GET /requests": (emulator) => ({
    requests: emulator
      .requests()
      .map(({ headers, ...rest }) => ({ ...rest, headers: withoutSecrets(headers) })),
  }),
  "GET /faults": (emulator) => ({ faults: emulator.faults() }),
  "POST /faults": (emulator, received) => {
    const value: unknown = JSON.parse(received.body.toString("utf8"));
    for (const one of z.array(fault).parse(Array.isArray(value) ? value : [value])) emulator.addFault(one);
    return { faults: emulator.faults() };
  },
  "DELETE /faults": (emulator) => {
    emulator.clearFaults();
    return { faults: [] };
  },
  "POST /clock": (emulator, received) => {
    const { skewMs, advanceMs } = clockChange.parse(body(received));
    if (skewMs !== undefined) emulator.clock.skew(skewMs);
    if (advanceMs !== undefined) emulator.clock.advance(advanceMs);
    return { clock: emulator.clock.state() };
  },
  "POST /settings": (emulator, received) => {
    emulator.change(settingsChange.parse(body(received)));
    return { settings: emulator.settings() };
  },
  "POST /meshes": (emulator, received) => ({ uid: emulator.seedMesh(clean(seed.parse(body(received)))) }),
  "POST /tokens/expire": (emulator) => {
    emulator.expireTokens();
    return {};
  },
  "POST /reset": (emulator) => {
    emulator.reset();
    return {};
  },
};

function body(received: Received): Record<string, unknown> {
  const value = parseObject(received.body);
  if (!value) throw new Error("the body must be a JSON object");
  return value;
}

function withoutSecrets(headers: Record<string, string>): Record<string, string> {
  const secret = ["authorization", "x-auth-token", "x-security-token"];
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, secret.includes(name) ? "(hidden)" : value]),
  );
}

function clean<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as never;
}
