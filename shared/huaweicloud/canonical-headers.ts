import { SignatureInputError } from "./signature-input-error.ts";

/**
 * Headers to be signed and sent, by lower-case name. Values are trimmed, as every HTTP client does. Refuses with
 * {@link SignatureInputError} what is not sent as it is signed: `_` in names, line breaks, anything outside ASCII.
 */
export class SignedHeaders {
  // a list, since a request has few headers and a map costs more than it saves
  readonly #headers: { lower: string; name: string; value: string }[] = [];

  /** `Authorization` is passed over: it is never signed, and replaced. */
  constructor(given: Readonly<Record<string, string>>) {
    for (const name of Object.keys(given)) {
      const lower = name.toLowerCase();
      if (lower === "authorization") continue;
      if (!headerName.test(name)) {
        throw new SignatureInputError(
          "header-name",
          `The header name "${printable(name)}" cannot be signed.`,
        );
      }
      if (this.#find(lower)) {
        throw new SignatureInputError("header-twice", `The header ${lower} is given twice.`);
      }
      this.#headers.push({ lower, name, value: checkedValue(name, given[name]) });
    }
  }

  get(lowerName: string): string | undefined {
    return this.#find(lowerName)?.value;
  }

  /** Replaces a header of the same name in any spelling. */
  set(name: string, value: string): void {
    const lower = name.toLowerCase();
    const header = { lower, name, value: checkedValue(name, value) };
    const known = this.#find(lower);
    if (known) Object.assign(known, header);
    else this.#headers.push(header);
  }

  /** The block of `name:value` lines, each ended by a line feed, and the names joined with `;`. */
  canonical(): { lines: string; names: string } {
    const sorted = this.#headers.toSorted((a, b) => (a.lower < b.lower ? -1 : 1));
    let lines = "";
    let names = "";
    for (const { lower, value } of sorted) {
      lines += `${lower}:${value}\n`;
      names += names === "" ? lower : `;${lower}`;
    }
    return { lines, names };
  }

  toObject(): Record<string, string> {
    const object: Record<string, string> = {};
    for (const { name, value } of this.#headers) object[name] = value;
    return object;
  }

  #find(lowerName: string) {
    for (const header of this.#headers) if (header.lower === lowerName) return header;
    return undefined;
  }
}

function checkedValue(name: string, value: unknown): string {
  if (typeof value !== "string" || !headerValue.test(value)) {
    throw new SignatureInputError(
      "header-value",
      `The value of the header ${name} must be printable ASCII without line breaks.`,
    );
  }
  return trim(value);
}

/** A token of RFC 9110, less `_`, which signers order and proxies drop in their own ways. */
const headerName = /^[A-Za-z0-9!#$%&'*+.^`|~-]+$/;
const headerValue = /^[\t\x20-\x7e]*$/;

function trim(value: string): string {
  const first = value.charCodeAt(0);
  const last = value.charCodeAt(value.length - 1);
  return first <= 32 || last <= 32 ? value.trim() : value;
}

function printable(name: string): string {
  return name.replace(/[^\x20-\x7e]/g, "?").slice(0, 64);
}
