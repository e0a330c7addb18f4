import { randomBytes } from "node:crypto";
import type { Clock } from "./clock.ts";
import { type Answer, isObject, json, parseObject, type Received } from "./http.ts";
import type { Settings } from "./settings.ts";

export interface User {
  name: string;
  password: string;
  domain: string;
}

export interface Project {
  id: string;
  /** As IAM names it: the region, or region and sub-project. */
  name: string;
  region: string;
}

export interface Token {
  user: User;
  /** The project it is scoped to; undefined for a token of the whole account. */
  project?: Project;
  /** On the clock of elapsed time. */
  expiresAt: number;
}

const FAILURES_BEFORE_LOCK = 5;
const LOCK_MS = 15 * 60_000;
export const DOMAIN_ID = "00000000000000000000000000d0ma1n";

/** IAM: POST /v3/auth/tokens, and what the gateway asks about tokens. */
export class Iam {
  readonly #users: User[];
  readonly #projects: Project[];
  readonly #clock: Clock;
  readonly #settings: Settings;
  readonly #tokens = new Map<string, Token>();
  readonly #failures = new Map<string, { count: number; lockedUntil: number }>();

  constructor(users: User[], projects: Project[], clock: Clock, settings: Settings) {
    this.#users = users;
    this.#projects = projects;
    this.#clock = clock;
    this.#settings = settings;
  }

  /** What a token stands for; `expired` once its time is over, undefined when IAM never gave it. */
  lookUp(value: string): Token | "expired" | undefined {
    const token = this.#tokens.get(value);
    return token && token.expiresAt <= this.#clock.elapsed() ? "expired" : token;
  }

  expireAll(): void {
    for (const token of this.#tokens.values()) token.expiresAt = 0;
  }

  createToken(received: Received): Answer {
    const request = readRequest(parseObject(received.body));
    if (!request || !/^application\/json/i.test(received.header("content-type") ?? "")) {
      return iamError(400, "The request body is invalid", "Bad Request");
    }
    const { name, password, domain } = request.user;
    const key = `${domain}/${name}`;
    const now = this.#clock.elapsed();
    const failures = this.#failures.get(key);
    if (failures && failures.lockedUntil > now)
      return iamError(401, "The account is locked.", "Unauthorized");
    const user = this.#users.find((u) => u.name === name && u.domain === domain && u.password === password);
    if (!user) {
      const count = (failures?.lockedUntil ? 0 : (failures?.count ?? 0)) + 1;
      this.#failures.set(key, { count, lockedUntil: count >= FAILURES_BEFORE_LOCK ? now + LOCK_MS : 0 });
      return iamError(401, "The username or password is wrong.", "Unauthorized");
    }
    this.#failures.delete(key);
    const { scope } = request;
    const project =
      scope === "domain" ? undefined : this.#projects.find((p) => p.id === scope.id || p.name === scope.name);
    if (scope !== "domain" && !project) return iamError(404, "The project cannot be found.", "Not Found");

    const value = `MIIDEmulatorToken${randomBytes(1500).toString("base64url")}`;
    const { tokenMs } = this.#settings;
    this.#tokens.set(value, { user, ...(project ? { project } : {}), expiresAt: now + tokenMs });
    return json(
      201,
      { token: this.#body(user, project, tokenMs, /[?&]?nocatalog=[^&]/.test(received.query)) },
      {
        "x-subject-token": value,
      },
    );
  }

  #body(user: User, project: Project | undefined, tokenMs: number, nocatalog: boolean) {
    const now = this.#clock.now();
    const domain = { id: DOMAIN_ID, name: user.domain };
    return {
      catalog: nocatalog ? [] : catalog,
      expires_at: micros(now + tokenMs),
      issued_at: micros(now),
      methods: ["password"],
      ...(project ? { project: { domain, id: project.id, name: project.name } } : { domain }),
      roles: [{ id: "0", name: "te_admin" }],
      user: { domain, id: "0000000000000000000000000000u5e7", name: user.name, password_expires_at: "" },
    };
  }
}

const catalog = [
  {
    endpoints: [
      {
        id: "000000000000000000000000e4d901n7",
        interface: "public",
        region: "*",
        region_id: "*",
        url: "https://iam.myhuaweicloud.com/v3.0",
      },
    ],
    id: "00000000000000000000000000ca7a10",
    name: "iam",
    type: "iam",
  },
];

interface TokenRequest {
  user: User;
  scope: "domain" | { id?: string; name?: string };
}

function readRequest(body: Record<string, unknown> | undefined): TokenRequest | undefined {
  const auth = body?.auth;
  if (!isObject(auth) || !isObject(auth.identity) || !isObject(auth.scope)) return undefined;
  const { methods, password } = auth.identity;
  if (!Array.isArray(methods) || !methods.includes("password") || !isObject(password)) return undefined;
  const { user } = password;
  if (!isObject(user) || !isObject(user.domain)) return undefined;
  const given = [user.name, user.password, user.domain.name];
  if (!given.every((value) => typeof value === "string" && value !== "")) return undefined;
  const [name, secret, domain] = given as [string, string, string];
  const scope = readScope(auth.scope);
  return scope && { user: { name, password: secret, domain }, scope };
}

function readScope({ project, domain }: Record<string, unknown>): TokenRequest["scope"] | undefined {
  if (isObject(project) && (typeof project.id === "string" || typeof project.name === "string"))
    return project;
  return isObject(domain) && (typeof domain.id === "string" || typeof domain.name === "string")
    ? "domain"
    : undefined;
}

function iamError(code: number, message: string, title: string): Answer {
  return json(code, { error: { code, message, title } });
}

/** `2020-01-03T09:05:22.701000Z`: IAM writes six fractional digits. */
function micros(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000Z");
}
