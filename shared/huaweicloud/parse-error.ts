/** What an error answer says, whichever of Huawei Cloud's services or gateways wrote it. */
export interface ErrorAnswer {
  /** As text, with the gateway's older prefix `APIG.` kept. */
  code?: string;
  message: string;
  requestId?: string;
}

/**
 * Reads the error shapes of ASM, the API gateway, IAM, CCE, SMN and proxies (HTML or empty). Never takes
 * `encoded_authorization_message`, which is long and for administrators only.
 */
export function parseErrorAnswer(text: string, headers: Headers): ErrorAnswer {
  const body = parseObject(text);
  const requestId = word(body?.request_id) ?? word(headers.get("x-request-id"));
  const nested = object(body?.error);
  const code = word(body?.errorCode) ?? word(body?.error_code) ?? word(nested?.code) ?? word(body?.code);
  const message =
    string(body?.errorMsg) ??
    string(body?.errorMessage) ??
    string(body?.error_msg) ??
    string(nested?.message) ??
    string(body?.message) ??
    (body ? "The answer has no message." : excerpt(text));
  return {
    message,
    ...(code === undefined ? {} : { code }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

/** The start of a body that is not JSON, without tags; a note where it is empty. */
function excerpt(text: string): string {
  const page = text.slice(0, 4000);
  const plain = textOf(page.replace(/<(head|script|style)\b[\s\S]*?<\/\1>/gi, " ")) || textOf(page);
  if (plain === "") return "The answer is empty.";
  return plain.length > 200 ? `${plain.slice(0, 200)}…` : plain;
}

function textOf(html: string): string {
  return html
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return object(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function object(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** A code or id; nobody's is longer, and what is not printable has no place in it. */
function word(value: unknown): string | undefined {
  return string(value)
    ?.replace(/[^\x20-\x7e]/g, "?")
    .slice(0, 128);
}

function string(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}
