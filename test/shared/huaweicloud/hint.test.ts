import { expect, it } from "vitest";
import { hintFor } from "../../../shared/huaweicloud/hint.ts";

const hint = (failure: Partial<Parameters<typeof hintFor>[0]>) =>
  hintFor({ message: "", ...failure }, { host: "asm.cn-north-4.myhuaweicloud.com" });

it.each([
  ...[
    "ASM.01400001",
    "ASM.01401001",
    "ASM.01403001",
    "ASM.01404001",
    "ASM.01409001",
    "ASM.01429001",
    "ASM.01500001",
  ],
  ...[
    "0101",
    "0103",
    "0104",
    "0105",
    "0106",
    "0201",
    "0301",
    "0302",
    "0303",
    "0304",
    "0305",
    "0306",
    "0307",
  ].map(apigw),
  ...[
    "0308",
    "0310",
    "0401",
    "0402",
    "0501",
    "0502",
    "0601",
    "0605",
    "0606",
    "0608",
    "0610",
    "0613",
    "0802",
  ].map(apigw),
])("%s comes with a sentence on what to do, under the older prefix too", (code) => {
  const sentence = hint({ code });
  expect(sentence).toMatch(/^[A-Z].{20,}\.$|^[A-Z].{20,}\?$/);
  expect(hint({ code: code.replace("APIGW.", "APIG.") })).toBe(sentence);
});

it.each([
  [413, "larger than the 12 MB"],
  [414, "URL is longer"],
  [494, "headers are longer"],
  [502, "try again later"],
  [504, "try again later"],
])("APIGW.0201 is explained by its status %i", (status, expected) => {
  expect(hint({ code: "APIGW.0201", status })).toContain(expected);
});

it.each([
  ["unsent", "ENOTFOUND", "could not be looked up"],
  ["unsent", "ECONNREFUSED", "No connection to asm.cn-north-4.myhuaweicloud.com"],
  ["refused", "CERT_HAS_EXPIRED", "not trusted"],
  ["sent", "UND_ERR_SOCKET", "may have been carried out"],
] as const)("a network fault (%s, %s) is explained", (network, networkCode, expected) => {
  expect(hint({ network, networkCode })).toContain(expected);
});

it("a code and status that nobody knows have no hint", () => {
  expect(hint({ code: "XYZ.1", status: 418 })).toBeUndefined();
});

function apigw(number: string): string {
  return `APIGW.${number}`;
}
