import { isObject } from "./http.ts";

/** Collects what is wrong with a value, each fault with its path. */
export class Check {
  readonly faults: string[] = [];

  fault(path: string, message: string): void {
    this.faults.push(`${path} ${message}`);
  }

  object(value: unknown, path: string): Record<string, unknown> | undefined {
    if (isObject(value)) return value;
    this.fault(path, value === undefined ? "is required" : "must be an object");
    return undefined;
  }

  list(value: unknown, path: string): unknown[] | undefined {
    if (Array.isArray(value)) return value;
    this.fault(path, value === undefined ? "is required" : "must be an array");
    return undefined;
  }

  text(value: unknown, path: string): string | undefined {
    if (typeof value === "string" && value !== "") return value;
    this.fault(path, value === undefined ? "is required" : "must be a string that is not empty");
    return undefined;
  }
}
