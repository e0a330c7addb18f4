import { describe, expect, it } from "vitest";
import { parseErrorAnswer } from "../../../shared/huaweicloud/parse-error.ts";

describe("parseErrorAnswer", () => {
  it.each<[string, string, object]>([
    [
      "ASM",
      '{"errorMsg":"Invalid request.","errorCode":"ASM.01400001"}',
      { code: "ASM.01400001", message: "Invalid request." },
    ],
    [
      "the API gateway",
      '{"error_msg":"Incorrect IAM authentication information: decrypt token fail","error_code":"APIGW.0301","request_id":"abc"}',
      {
        code: "APIGW.0301",
        message: "Incorrect IAM authentication information: decrypt token fail",
        requestId: "abc",
      },
    ],
    [
      "the generic text",
      '{"error_msg":"The format of message is error","error_code":"AS.0001"}',
      { code: "AS.0001", message: "The format of message is error" },
    ],
    [
      "IAM, whose code is a number",
      '{"error":{"code":401,"message":"The username or password is wrong.","title":"Unauthorized"}}',
      { code: "401", message: "The username or password is wrong." },
    ],
    [
      "CCE",
      '{"errorCode":"CCE.01429004","errorMessage":"Insufficient account balance."}',
      { code: "CCE.01429004", message: "Insufficient account balance." },
    ],
    [
      "SMN",
      '{"request_id":"6a63","code":"SMN.0002","message":"Project ID is invalid.","encoded_authorization_message":"LONG"}',
      { code: "SMN.0002", message: "Project ID is invalid.", requestId: "6a63" },
    ],
    [
      "a proxy, as HTML",
      "<html><head><style>b{}</style></head><body><h1>502 Bad Gateway</h1>\n<hr></body></html>",
      { message: "502 Bad Gateway" },
    ],
    [
      "a proxy, whose page has only a title",
      "<html><head><title>504 Gateway Time-out</title></head><body></body></html>",
      { message: "504 Gateway Time-out" },
    ],
    [
      "a proxy, whose title says the same as its page",
      "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>",
      { message: "502 Bad Gateway" },
    ],
    ["nobody (empty)", "", { message: "The answer is empty." }],
    ["JSON that is no object", "[1]", { message: "[1]" }],
    ["JSON null", "null", { message: "null" }],
    ["an object without a message", '{"a":1}', { message: "The answer has no message." }],
    ["JSON that is cut off", '{"errorCode":"ASM', { message: '{"errorCode":"ASM' }],
    [
      "empty fields",
      '{"errorCode":"","error_code":"X.1","errorMsg":"","message":"m"}',
      { code: "X.1", message: "m" },
    ],
  ])("reads what %s answers", (_, text, expected) => {
    expect(parseErrorAnswer(text, new Headers())).toEqual(expected);
  });

  it("takes the request id from the header where the body has none", () => {
    expect(parseErrorAnswer("{}", new Headers({ "X-Request-Id": "h-1" })).requestId).toBe("h-1");
    expect(parseErrorAnswer('{"request_id":"b-1"}', new Headers({ "X-Request-Id": "h-1" })).requestId).toBe(
      "b-1",
    );
  });

  it("keeps no more than the start of a long page", () => {
    const { message } = parseErrorAnswer("x".repeat(5000), new Headers());
    expect(message).toBe(`${"x".repeat(200)}…`);
  });
});

it("keeps code and request id short and printable, whatever a proxy sends", () => {
  const body = { error_code: `A\u001b[31m\n${"x".repeat(500)}`, request_id: "r\r\n1", error_msg: "m" };
  const { code, requestId } = parseErrorAnswer(JSON.stringify(body), new Headers());
  expect(code).toMatch(/^A\?\[31m\?x{121}$/);
  expect(requestId).toBe("r??1");
});
