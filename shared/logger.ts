import { type DestinationStream, type Logger, pino } from "pino";

export type { Logger };

/**
 * A pino logger that writes JSON lines to standard error and never prints a credential: the fields that can
 * hold one are removed by name, wherever they stand up to two levels deep.
 */
export function createLogger(
  level = "warn",
  destination: DestinationStream = pino.destination({ fd: 2, sync: true }),
): Logger {
  return pino({ level, base: null, redact: { paths: secretPaths, censor: "[redacted]" } }, destination);
}

const secretNames = [
  "secretKey",
  "securityToken",
  "password",
  "token",
  "authorization",
  "Authorization",
  "webhookSecret",
  "secret",
  '["x-auth-token"]',
  '["X-Auth-Token"]',
  '["x-security-token"]',
  '["X-Security-Token"]',
  '["x-subject-token"]',
  '["X-Subject-Token"]',
];

const secretPaths = secretNames.flatMap((name) => {
  const dotted = name.startsWith("[") ? name : `.${name}`;
  return [name, `*${dotted}`, `*.*${dotted}`];
});
