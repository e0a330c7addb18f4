/** A condition or argument of a flow that cannot be understood; the message says what is wrong with it. */
export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
}

/** The error for an expression that cannot be read, quoting it. */
export function wrong(text: string, why: string): ExpressionError {
  return new ExpressionError(`"${text}": ${why}.`);
}
