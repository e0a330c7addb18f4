import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type AccessKey, AccessKeys } from "./access-keys.ts";
import { Asm } from "./asm.ts";
import { type Clock, createClock } from "./clock.ts";
import { control } from "./control.ts";
import { type Fault, Faults } from "./faults.ts";
import { Gateway, type RecordedRequest } from "./gateway.ts";
import { Iam, type Project, type User } from "./iam.ts";
import { MeshStore, type StoredMesh } from "./mesh-store.ts";
import { type Settings, type SettingsInput, settings as settingsSchema } from "./settings.ts";
import { type Delivered, Sink } from "./sink.ts";
import { type PublishedMessage, Smn } from "./smn.ts";

/** Credentials and ids that work out of the box. None is real. */
export const defaults = {
  accessKey: "EXAMPLEACCESSKEY0000",
  secretKey: "example-secret-key-that-is-not-real-0000",
  projectId: "0000000000000000000000000000e4a1",
  region: "cn-north-4",
  user: { name: "example-user", password: "Example-Password-0", domain: "example-domain" },
} as const;

export interface EmulatorOptions extends SettingsInput {
  /** 0, the default, takes any free port. */
  port?: number;
  now?: () => number;
  region?: string;
  projectId?: string;
  /** More projects of the same account, by id; their region is the emulator's unless named. */
  otherProjects?: { id: string; name?: string; region?: string }[];
  /** Permanent access keys and their secret keys. */
  accessKeys?: Record<string, string>;
  temporaryKeys?: Record<string, { secretKey: string; securityToken: string }>;
  users?: User[];
  faults?: Fault[];
  /** How many requests are remembered; 10,000 unless given. */
  recordLimit?: number;
  /** Called for each request once it is over. */
  onRequest?: (request: RecordedRequest) => void;
  /** Takes one line per request. */
  log?: (line: string) => void;
}

export interface EmulatedMesh extends Omit<StoredMesh, "listed" | "turns" | "createdAt"> {
  createdAt: string;
  /** `gone` once it is deleted. */
  phase: string;
}

export interface Seed {
  name: string;
  projectId?: string;
  clusterId?: string;
  version?: string;
  /** `Running` unless given. */
  phase?: string;
  createdSecondsAgo?: number;
}

export interface Emulator {
  url: string;
  asmUrl: string;
  iamUrl: string;
  smnUrl: string;
  /** Receives webhooks at any path under it. */
  sinkUrl: string;
  defaults: { accessKey: string; secretKey: string; projectId: string; region: string; user: User };
  clock: Clock;
  /** Every mesh there ever was, the deleted ones as `gone`. */
  meshes(): EmulatedMesh[];
  published(): PublishedMessage[];
  delivered(sink?: string): Delivered[];
  requests(): RecordedRequest[];
  faults(): ReturnType<Faults["list"]>;
  addFault(fault: Fault): void;
  clearFaults(): void;
  settings(): Settings;
  change(settings: SettingsInput): void;
  /** Puts a mesh, by uid or name, into a phase (also one that no document knows, or `gone`), where it stays. */
  setPhase(mesh: string, phase: string): void;
  /** Makes a mesh that nobody asked for and returns its uid. */
  seedMesh(seed: Seed): string;
  expireTokens(): void;
  /** Forgets meshes, messages, deliveries, requests and faults. */
  reset(): void;
  close(): Promise<void>;
}

/** Starts a stand-in for ASM, IAM and SMN on 127.0.0.1. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { port = 0, now = Date.now, recordLimit = 10_000, log, onRequest } = options;
  const region = options.region ?? defaults.region;
  const projectId = options.projectId ?? defaults.projectId;
  const settings = readSettings(options);
  const clock = createClock(now);
  const store = new MeshStore(clock);
  const faults = new Faults();
  for (const fault of options.faults ?? []) faults.add(fault);
  const smn = new Smn(clock, settings);
  const sink = new Sink();
  const projects: Project[] = [
    { id: projectId, name: region, region },
    ...(options.otherProjects ?? []).map((p) => ({ name: p.region ?? `${region}_${p.id}`, region, ...p })),
  ];
  const users = options.users ?? [defaults.user];
  const iam = new Iam(users, projects, clock, settings);
  const permanent = options.accessKeys ?? { [defaults.accessKey]: defaults.secretKey };
  const keys = new Map<string, AccessKey>([
    ...Object.entries(permanent).map(([ak, secretKey]): [string, AccessKey] => [ak, { secretKey }]),
    ...Object.entries(options.temporaryKeys ?? {}),
  ]);
  const requests: RecordedRequest[] = [];

  const server = createServer((message, response) => {
    gateway.handle(message, response).catch((error: unknown) => {
      log?.(`emulator failed: ${error instanceof Error ? error.stack : String(error)}`);
      response.destroy();
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1", backlog: 4096 }, resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [accessKey = defaults.accessKey, secretKey = defaults.secretKey] = Object.entries(permanent)[0] ?? [];

  const emulator: Emulator = {
    url,
    asmUrl: url,
    iamUrl: url,
    smnUrl: url,
    sinkUrl: `${url}/sink`,
    defaults: { accessKey, secretKey, projectId, region, user: users[0] ?? defaults.user },
    clock,
    meshes: () =>
      store.all().map((mesh) => {
        const { listed: _, turns: __, createdAt, ...rest } = mesh;
        const phase = store.view(mesh)?.phase ?? "gone";
        return { ...rest, createdAt: new Date(createdAt).toISOString(), phase };
      }),
    published: () => [...smn.published],
    delivered: (name) => sink.delivered.filter((one) => name === undefined || one.sink === name),
    requests: () => [...requests],
    faults: () => faults.list(),
    addFault: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    settings: () => settings,
    change: (change) => {
      Object.assign(settings, readSettings({ ...settings, ...change }));
    },
    setPhase: (nameOrUid, phase) => {
      const mesh = store.find(nameOrUid) ?? store.all().findLast(({ name }) => name === nameOrUid);
      if (!mesh) throw new Error(`there is no mesh ${nameOrUid}`);
      store.turn(mesh, phase);
    },
    seedMesh: (seed) => seedMesh(store, settings, projectId, seed),
    expireTokens: () => iam.expireAll(),
    reset: () => {
      store.clear();
      faults.clear();
      for (const list of [smn.published, sink.delivered, requests]) list.length = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const gateway = new Gateway({
    account: { accessKeys: new AccessKeys(keys, clock), iam, projects, region },
    asm: new Asm(store, settings),
    smn,
    sink,
    store,
    faults,
    clock,
    settings,
    control: (received) => control(received, emulator),
    record: (request) => {
      requests.push(request);
      if (requests.length >= 2 * recordLimit) requests.splice(0, requests.length - recordLimit);
      onRequest?.(request);
      log?.(logLine(request));
    },
  });
  return emulator;
}

function readSettings(options: SettingsInput): Settings {
  const known = Object.keys(settingsSchema.shape);
  return settingsSchema.parse(
    Object.fromEntries(Object.entries(options).filter(([key]) => known.includes(key))),
  );
}

function seedMesh(store: MeshStore, settings: Settings, defaultProject: string, seed: Seed): string {
  const { name, projectId = defaultProject, version = settings.latestVersion, phase = "Running" } = seed;
  const clusterID = seed.clusterId ?? "00000000-0000-0000-0000-00000000c1a5";
  const body = {
    apiVersion: "v1",
    kind: "Mesh",
    metadata: { name },
    spec: { type: "InCluster", version, extendParams: { clusters: [{ clusterID }] } },
  };
  const nameKey = settings.nameScope === "account" ? name : `${projectId}/${name}`;
  const mesh = store.add({ projectId, name, body, version, legacy: false }, nameKey);
  mesh.createdAt -= (seed.createdSecondsAgo ?? 0) * 1000;
  store.turn(mesh, phase);
  return mesh.uid;
}

function logLine(request: RecordedRequest): string {
  const { at, method, target, operation = "-", status, code, fault, durationMs, principal = "-" } = request;
  const outcome = status === undefined ? "no answer" : String(status);
  return `${at} ${method} ${target} ${operation} ${outcome}${code ? ` ${code}` : ""} ${durationMs}ms by ${principal}${fault ? ` fault=${fault}` : ""}`;
}
