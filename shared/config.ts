import { homedir } from "node:os";
import { join } from "node:path";
import * as z from "zod/mini";

/**
 * Everything meshflow reads from the environment; the only place that does.
 * Names follow Huawei Cloud's own SDK (`HUAWEICLOUD_SDK_*`) and Terraform provider (`HW_*`); where both are
 * set, the SDK's name wins, and its access key, secret key and security token are never mixed with the provider's.
 * Names of our own start with `MESHFLOW_`.
 */
export interface Config {
  /** Region id such as `cn-north-4`. */
  region?: string;
  projectId?: string;
  accessKey?: string;
  secretKey?: string;
  securityToken?: string;
  iam?: { userName: string; password: string; domainName: string; projectName?: string };
  /** Base URLs that replace the ones made from the region. */
  endpoints: { asm?: string; iam?: string; smn?: string };
  /** `legacy` speaks `/v1/meshes` with `X-Apply-ProjectID`, as older sites do. */
  asmDialect: "v1" | "legacy";
  /** `derived`: hosts outside the usual domains are signed with V11-HMAC-SHA256, as the official SDKs can. */
  signature: "standard" | "derived";
  /** How fast each service is called. */
  readsPerSecond: number;
  writesPerMinute: number;
  /** Time limit of one HTTP attempt, in ms. */
  attemptTimeoutMs: number;
  poll: { intervalMs: number; maxIntervalMs: number };
  /** How long a request may take in all, in ms. */
  deadlineMs: number;
  /** File of the local engine's journal. */
  journal: string;
  /** Unset: whoever logs chooses. */
  logLevel?: "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";
  notify: { smnTopicUrn?: string; webhookUrl?: string; webhookSecret?: string };
}

/** Thrown with every faulty variable in one message, each with what it must be. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Reads and checks the environment. Throws {@link ConfigError}; never prints a value that could be secret. */
export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = environment.safeParse(given);
  const faults = [
    ...(parsed.error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`),
    ...missingPartners(given),
  ];
  if (!parsed.success || faults.length > 0) {
    throw new ConfigError(
      `The environment is not usable:\n${faults.map((fault) => `  ${fault}`).join("\n")}`,
    );
  }
  const e = parsed.data;
  const keys = keyNames(given);
  return clean({
    region: e.HUAWEICLOUD_SDK_REGION ?? e.HW_REGION_NAME,
    projectId: e.HUAWEICLOUD_SDK_PROJECT_ID ?? e.HW_PROJECT_ID,
    accessKey: e[keys.accessKey],
    secretKey: e[keys.secretKey],
    securityToken: e[keys.securityToken],
    iam:
      e.HW_USER_NAME && e.HW_USER_PASSWORD && e.HW_DOMAIN_NAME
        ? clean({
            userName: e.HW_USER_NAME,
            password: e.HW_USER_PASSWORD,
            domainName: e.HW_DOMAIN_NAME,
            projectName: e.HW_PROJECT_NAME,
          })
        : undefined,
    endpoints: clean({
      asm: e.MESHFLOW_ASM_ENDPOINT,
      iam: e.MESHFLOW_IAM_ENDPOINT,
      smn: e.MESHFLOW_SMN_ENDPOINT,
    }),
    asmDialect: e.MESHFLOW_ASM_DIALECT ?? "v1",
    signature: e.MESHFLOW_SIGNATURE ?? "standard",
    readsPerSecond: e.MESHFLOW_READS_PER_SECOND ?? 20,
    writesPerMinute: e.MESHFLOW_WRITES_PER_MINUTE ?? 10,
    attemptTimeoutMs: (e.MESHFLOW_ATTEMPT_TIMEOUT_SECONDS ?? 30) * 1000,
    poll: {
      intervalMs: (e.MESHFLOW_POLL_SECONDS ?? 10) * 1000,
      maxIntervalMs: (e.MESHFLOW_POLL_MAX_SECONDS ?? Math.max(30, e.MESHFLOW_POLL_SECONDS ?? 0)) * 1000,
    },
    deadlineMs: (e.MESHFLOW_DEADLINE_MINUTES ?? 30) * 60_000,
    journal:
      e.MESHFLOW_JOURNAL ??
      join(e.XDG_STATE_HOME ?? join(homedir(), ".local", "state"), "meshflow", "journal.db"),
    logLevel: e.MESHFLOW_LOG_LEVEL,
    notify: clean({
      smnTopicUrn: e.MESHFLOW_SMN_TOPIC_URN,
      webhookUrl: e.MESHFLOW_WEBHOOK_URL,
      webhookSecret: e.MESHFLOW_WEBHOOK_SECRET,
    }),
  }) as Config;
}

/** What must be set because something else is. */
function missingPartners(given: Record<string, unknown>): string[] {
  const faults: string[] = [];
  const { accessKey, secretKey } = keyNames(given);
  if (given[accessKey] && !given[secretKey])
    faults.push(`${secretKey}: must be set too, since ${accessKey} is`);
  if (given[secretKey] && !given[accessKey])
    faults.push(`${accessKey}: must be set too, since ${secretKey} is`);
  const login = [given.HW_USER_NAME, given.HW_USER_PASSWORD, given.HW_DOMAIN_NAME];
  if (login.some(Boolean) && !login.every(Boolean)) {
    faults.push("HW_USER_NAME, HW_USER_PASSWORD, HW_DOMAIN_NAME: must be set together");
  }
  if (given.MESHFLOW_WEBHOOK_URL && !given.MESHFLOW_WEBHOOK_SECRET) {
    faults.push("MESHFLOW_WEBHOOK_SECRET: must be set with MESHFLOW_WEBHOOK_URL (whsec_ and base64)");
  }
  return faults;
}

/** The variables of the access key: the security token of one key does not go with another. */
function keyNames(given: Record<string, unknown>) {
  return given.HUAWEICLOUD_SDK_AK || given.HUAWEICLOUD_SDK_SK
    ? ({
        accessKey: "HUAWEICLOUD_SDK_AK",
        secretKey: "HUAWEICLOUD_SDK_SK",
        securityToken: "HUAWEICLOUD_SDK_SECURITY_TOKEN",
      } as const)
    : ({
        accessKey: "HW_ACCESS_KEY",
        secretKey: "HW_SECRET_KEY",
        securityToken: "HW_SECURITY_TOKEN",
      } as const);
}

const like = (pattern: RegExp, message: string) => z.optional(z.string().check(z.regex(pattern, message)));
const oneOf = <const Word extends string>(words: readonly Word[], message: string) =>
  z.optional(z.enum(words, message));
const positive = (what: string, unit = "") =>
  z.optional(z.coerce.number(`must be ${what}`).check(z.positive(`must be more than 0${unit}`)));

const text = z.optional(z.string());
/** A line break that came along from a file or a secret store would only show as a refused signature. */
const word = like(
  /^[\x21\x23-\x26\x28-\x7e]+$/,
  "must be one word: no blanks, line breaks or quotes around it",
);
const region = like(/^[a-z0-9-]+$/, "must be a region id such as cn-north-4");
const url = like(/^https?:\/\/[^\s/]+/, "must be a URL such as https://asm.cn-north-4.myhuaweicloud.com");
const seconds = positive("a number of seconds", " seconds");

const environment = z.object({
  HUAWEICLOUD_SDK_AK: word,
  HUAWEICLOUD_SDK_SK: word,
  HUAWEICLOUD_SDK_SECURITY_TOKEN: word,
  HUAWEICLOUD_SDK_PROJECT_ID: word,
  HUAWEICLOUD_SDK_REGION: region,
  HW_ACCESS_KEY: word,
  HW_SECRET_KEY: word,
  HW_SECURITY_TOKEN: word,
  HW_PROJECT_ID: word,
  HW_PROJECT_NAME: text,
  HW_REGION_NAME: region,
  HW_USER_NAME: text,
  HW_USER_PASSWORD: text,
  HW_DOMAIN_NAME: text,
  MESHFLOW_ASM_ENDPOINT: url,
  MESHFLOW_IAM_ENDPOINT: url,
  MESHFLOW_SMN_ENDPOINT: url,
  MESHFLOW_ASM_DIALECT: oneOf(["v1", "legacy"], "must be v1 or legacy"),
  MESHFLOW_SIGNATURE: oneOf(["standard", "derived"], "must be standard or derived"),
  MESHFLOW_READS_PER_SECOND: positive("a number"),
  MESHFLOW_WRITES_PER_MINUTE: positive("a number"),
  MESHFLOW_ATTEMPT_TIMEOUT_SECONDS: seconds,
  MESHFLOW_POLL_SECONDS: seconds,
  MESHFLOW_POLL_MAX_SECONDS: seconds,
  MESHFLOW_DEADLINE_MINUTES: positive("a number of minutes"),
  MESHFLOW_JOURNAL: text,
  MESHFLOW_LOG_LEVEL: oneOf(
    ["trace", "debug", "info", "warn", "error", "fatal", "silent"],
    "must be trace, debug, info, warn, error, fatal or silent",
  ),
  MESHFLOW_SMN_TOPIC_URN: like(
    /^urn:smn:[^:]+:[^:]+:[^:]+$/,
    "must be a topic URN such as urn:smn:cn-north-4:PROJECT:TOPIC",
  ),
  MESHFLOW_WEBHOOK_URL: url,
  MESHFLOW_WEBHOOK_SECRET: like(
    /^whsec_[A-Za-z0-9+/=]+$/,
    "must be whsec_ followed by base64 (Standard Webhooks)",
  ),
  XDG_STATE_HOME: text,
});

/** Every variable that is read, for documentation and its test. */
export const variableNames: readonly string[] = Object.keys(environment.shape);

function clean<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
