import type { ExitCode } from "./exit-codes.ts";

export interface CommandErrorOptions {
  exitCode: ExitCode;
  /** What to do next: whole sentences or a command to type. */
  next?: string | undefined;
  /** Error code and request id that Huawei Cloud answered with. */
  code?: string | undefined;
  requestId?: string | undefined;
  cause?: unknown;
}

/** A failure that a person can act on: it becomes a message, a next step and an exit status, never a stack trace. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: ExitCode;
  readonly next: string | undefined;
  readonly code: string | undefined;
  readonly requestId: string | undefined;

  constructor(message: string, options: CommandErrorOptions) {
    super(message, { cause: options.cause });
    this.exitCode = options.exitCode;
    this.next = options.next;
    this.code = options.code;
    this.requestId = options.requestId;
  }
}
