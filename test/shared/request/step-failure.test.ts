import { describe, expect, it } from "vitest";
import { ApiError, InvalidResponseError } from "../../../shared/huaweicloud/errors.ts";
import { failureOf } from "../../../shared/request/step-failure.ts";

const error = (details: Partial<ConstructorParameters<typeof ApiError>[1]>, message = "It failed.") =>
  new ApiError(message, {
    operation: "ShowMesh",
    method: "GET",
    url: "https://asm.example.com/v1/p/meshes/uid-1",
    retryable: false,
    hint: "The client's hint.",
    ...details,
  });
const answer = (failure: unknown, direction: "create" | "delete" = "create") =>
  failureOf(failure, { direction });

describe("the status for an error of the client", () => {
  it.each([
    ["a redirect", { status: 302 }, 400],
    [
      "an address that the gateway does not know, whatever its status",
      { status: 500, code: "APIG.0101" },
      400,
    ],
    ["a method that the service does not have", { status: 501 }, 400],
    ["a fault that may pass", { status: 502, retryable: true }, 503],
    ["a success that is none and may have changed something", { status: 202, ambiguous: true }, 503],
    ["a certificate that is not trusted", { code: "CERT_HAS_EXPIRED" }, 503],
    ["a network that is down", { code: "ECONNREFUSED", retryable: true }, 503],
  ] as const)("of %s (%j) is %i", (_, details, statusCode) => {
    expect(answer(error(details)).statusCode).toBe(statusCode);
  });

  it("of an answer that does not fit is 503, with Huawei's request id", () => {
    const details = { operation: "ShowMesh", status: 200, requestId: "huawei-7", ambiguous: false };
    expect(answer(new InvalidResponseError("No JSON.", details))).toEqual({
      statusCode: 503,
      error: { code: "INVALID_RESPONSE", message: "No JSON.", requestId: "huawei-7" },
    });
  });
});

describe("the hint for an error of the client", () => {
  it.each([
    [{ status: 400, code: "ASM.01400001" }, "create", "are in no other mesh"],
    [{ status: 400, code: "ASM.01400001" }, "delete", "grayscale"],
    [{ status: 409, code: "ASM.01409001" }, "create", "Do not delete the other mesh"],
    [{ status: 403, code: "APIGW.0302" }, "delete", "asm:mesh:delete"],
    [{ status: 404 }, "delete", "MESHFLOW_ASM_DIALECT"],
  ] as const)("is what is known of ASM: %j of a %s", (details, direction, expected) => {
    expect(answer(error(details), direction).error.hint).toContain(expected);
  });

  it("is told by the words of the message before the code", () => {
    const failure = error({ status: 400, code: "ASM.01400001" }, "mesh quota exceeded");
    expect(answer(failure).error.hint).toContain("My Quotas");
  });

  it.each([
    { status: 401, code: "APIGW.0301" },
    { code: "ECONNREFUSED" },
    { status: 429, code: "APIGW.0308" },
  ])("is the client's own where it knows more: %j", (details) => {
    expect(answer(error(details)).error.hint).toBe("The client's hint.");
  });
});
