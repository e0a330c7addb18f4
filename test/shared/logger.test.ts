import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { createLogger } from "../../shared/logger.ts";

describe("the logger", () => {
  it("removes credentials by the name of their field, up to two levels deep", () => {
    const lines: string[] = [];
    const logger = createLogger(
      "info",
      new Writable({
        write(chunk, _encoding, done) {
          lines.push(String(chunk));
          done();
        },
      }),
    );
    logger.info(
      {
        secretKey: "s1",
        config: { password: "s2" },
        request: { headers: { "X-Auth-Token": "s3" } },
        mesh: "m",
      },
      "x",
    );
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      secretKey: "[redacted]",
      config: { password: "[redacted]" },
      request: { headers: { "X-Auth-Token": "[redacted]" } },
      mesh: "m",
    });
    expect(lines.join()).not.toMatch(/s[123]"/);
  });
});
