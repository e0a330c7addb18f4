/**
 * Text without credentials: the values of headers and fields that hold one, as a gateway's error text echoes them,
 * and every `secrets` value itself.
 */
export function redact(text: string, secrets: readonly (string | undefined)[] = []): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret && secret.length >= 4) clean = clean.replaceAll(secret, mark);
  }
  return clean
    .replace(headerLine, (_, name: string) => `${name}${mark}`)
    .replace(jsonField, (_, name: string) => `${name}"${mark}"`)
    .replace(/(Signature=)[0-9a-f]{16,}/gi, (_, name: string) => `${name}${mark}`);
}

const mark = "[redacted]";
/** Ends at the line's end, which the gateway writes as `|`. */
const headerLine =
  /\b((?:x-security-token|x-auth-token|x-subject-token|authorization)["']?\s*[:=]\s*)(?!\[redacted\])[^|\n]+/gi;
const jsonField =
  /("(?:password|secret|secret_?key|sk|security_?token|securitytoken|token|access_token)"\s*:\s*)"(?:[^"\\]|\\.)*"/gi;
