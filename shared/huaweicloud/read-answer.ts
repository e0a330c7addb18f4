import * as z from "zod/mini";
import type { ApiRequest } from "./api-client.ts";
import { InvalidResponseError } from "./errors.ts";
import type { Outgoing } from "./outgoing.ts";
import type { Answer } from "./transport.ts";

/**
 * The data of a successful answer: its JSON as the schema gives it, or as it is without one (the text itself where
 * it is no JSON, undefined where it is empty). Throws {@link InvalidResponseError}, which names paths but never values.
 */
export function readAnswer<T>(request: ApiRequest<T>, answer: Answer, outgoing: Outgoing): T {
  const requestId = answer.headers.get("x-request-id") ?? undefined;
  const fail = (what: string) =>
    new InvalidResponseError(
      `${outgoing.method} ${outgoing.shownPath} answered ${answer.status}, but ${what}${requestId === undefined ? "" : ` (request id ${requestId})`}`,
      {
        operation: request.operation,
        status: answer.status,
        requestId,
        ambiguous: request.kind === "create" || request.kind === "write",
      },
    );
  if (answer.truncated) throw fail("its body is larger than is read.");
  let data: unknown;
  try {
    data = answer.text === "" ? undefined : JSON.parse(answer.text);
  } catch {
    if (request.schema) throw fail("its body is not JSON.");
    data = answer.text;
  }
  if (!request.schema) return data as T;
  const parsed = z.safeParse(request.schema, data);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join(".") || "body"}: ${issue.message}`);
  throw fail(`its body does not fit: ${faults.join("; ")}.`);
}
