export type SignatureInputReason =
  | "access-key"
  | "body-too-large"
  | "date"
  | "dot-segment"
  | "double-slash"
  | "encoded-slash"
  | "fragment"
  | "header-name"
  | "header-twice"
  | "header-value"
  | "lone-surrogate"
  | "method"
  | "percent-encoding"
  | "query-empty-name"
  | "query-name-order"
  | "scope"
  | "secret-key"
  | "url";

/** A request that cannot be signed so that what is signed is surely what is sent. `reason` names the rule. */
export class SignatureInputError extends Error {
  override readonly name = "SignatureInputError";
  readonly retryable = false;
  readonly reason: SignatureInputReason;

  constructor(reason: SignatureInputReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
