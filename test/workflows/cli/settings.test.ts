import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../emulator/emulator.ts";
import { createArgs, createHome, type Home, settingsFor } from "./run-cli.ts";

let emulator: Emulator;
let home: Home;
beforeAll(async () => {
  emulator = await startEmulator();
  home = createHome();
});
afterAll(async () => {
  home.remove();
  await emulator.close();
});

describe("settings that are missing or wrong", () => {
  it("names every variable to set, before anything is sent", async () => {
    for (const args of [createArgs("prod-mesh"), ["list"], ["delete", "prod-mesh", "--yes"]]) {
      expect(await home.meshflow(args)).toEqual({
        code: 7,
        out: "",
        err: expect.stringContaining(
          [
            "error: 3 settings are missing; nothing was sent.",
            "  HW_REGION_NAME: the region of the mesh, such as cn-north-4 (or MESHFLOW_ASM_ENDPOINT)",
            "  HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK: an access key (or HW_USER_NAME, HW_USER_PASSWORD, HW_DOMAIN_NAME of an IAM user)",
            "  HUAWEICLOUD_SDK_PROJECT_ID: the project's id, 32 letters and digits (console: My Credentials)",
            "next:  Set these environment variables, then: meshflow doctor",
          ].join("\n"),
        ),
      });
    }
  });

  it("says what a variable must be", async () => {
    const { code, err } = await home.meshflow(["list"], { env: { HW_REGION_NAME: "North 4" } });
    expect(code).toBe(7);
    expect(err).toContain("  HW_REGION_NAME: must be a region id such as cn-north-4\n");
  });

  it("are not needed to look at the journal or at flows", async () => {
    for (const args of [["runs"], ["check"], ["graph"]]) expect((await home.meshflow(args)).code).toBe(0);
  });

  it("takes the project from the token of an IAM user", async () => {
    const {
      HUAWEICLOUD_SDK_AK: _,
      HUAWEICLOUD_SDK_SK: __,
      HUAWEICLOUD_SDK_PROJECT_ID: ___,
      ...env
    } = settingsFor(emulator);
    const { name, password, domain } = emulator.defaults.user;
    const user = { HW_USER_NAME: name, HW_USER_PASSWORD: password, HW_DOMAIN_NAME: domain };
    expect(await home.meshflow(["list", "--json"], { env: { ...env, ...user } })).toMatchObject({
      code: 0,
      out: '{"meshes":[]}\n',
    });
    const refused = await home.meshflow(["list"], {
      env: { ...env, ...user, HW_USER_PASSWORD: "wrong-pass" },
    });
    expect(refused.code).toBe(7);
    expect(refused.err).toContain("The username or password is wrong.");
    expect(refused.err).not.toContain("wrong-pass");
  });
});

describe("what Huawei Cloud refuses", () => {
  const list = (env: Record<string, string>) =>
    home.meshflow(["list"], { env: { ...settingsFor(emulator), ...env } });

  it("tells status, code, request id and what to do", async () => {
    const { code, err } = await list({ HUAWEICLOUD_SDK_SK: "another-secret" });
    expect(code).toBe(7);
    expect(err).toMatch(/GET \/v1\/…\/meshes answered 401 APIGW\.0301: .* \(request id [0-9a-f]{32}\)/);
    expect(err).toContain(
      "next:  The secret key does not belong to the access key: check HUAWEICLOUD_SDK_SK.",
    );
    expect(err).not.toContain("another-secret");
  });

  it("calls a 404 of the gateway a wrong address, not a missing mesh", async () => {
    const { code, err } = await list({ MESHFLOW_ASM_ENDPOINT: `${emulator.url}/elsewhere` });
    expect(code).toBe(7);
    expect(err).toContain("404 APIGW.0101");
    expect(err).toContain("check the endpoint");
  });

  it("shows a stack trace only with MESHFLOW_LOG_LEVEL=debug", async () => {
    const quiet = await list({ HUAWEICLOUD_SDK_PROJECT_ID: "f".repeat(32) });
    const debug = await list({ HUAWEICLOUD_SDK_PROJECT_ID: "f".repeat(32), MESHFLOW_LOG_LEVEL: "debug" });
    expect(quiet.code).toBe(7);
    expect(quiet.err).not.toMatch(/^ {4}at /m);
    expect(debug.err).toMatch(/^ {4}at /m);
  });
});

describe("doctor", () => {
  it("finds everything in order", async () => {
    const { code, out } = await home.meshflow(["doctor"], { env: settingsFor(emulator) });
    expect(out.split("\n").map((line) => line.slice(0, 17).trimEnd())).toEqual([
      "ok    node",
      "ok    settings",
      "ok    journal",
      "ok    address",
      "ok    clock",
      "ok    permission",
      "",
    ]);
    expect(code).toBe(0);
  });

  it("says what to set when nothing is set, and does not try the rest", async () => {
    const { code, out } = await home.meshflow(["doctor", "--json"]);
    const { ok, checks } = JSON.parse(out) as { ok: boolean; checks: { name: string; state: string }[] };
    expect(code).toBe(7);
    expect(ok).toBe(false);
    expect(checks.map(({ name, state }) => `${name} ${state}`)).toEqual([
      "node ok",
      "settings failed",
      "journal ok",
      "address skipped",
      "clock skipped",
      "permission skipped",
    ]);
  });

  it("tells a refused permission with what to do", async () => {
    const env = { ...settingsFor(emulator), HUAWEICLOUD_SDK_SK: "another-secret" };
    const { code, out } = await home.meshflow(["doctor"], { env });
    expect(code).toBe(7);
    expect(out).toMatch(/^FAIL {2}permission .*APIGW\.0301/m);
    expect(out).toContain("do: The secret key does not belong to the access key: check HUAWEICLOUD_SDK_SK.");
  });

  it("tells an address where nobody answers", async () => {
    const unused = await startEmulator();
    await unused.close();
    const env = { ...settingsFor(emulator), MESHFLOW_ASM_ENDPOINT: unused.url };
    const { code, out } = await home.meshflow(["doctor"], { env });
    expect(code).toBe(8);
    expect(out).toContain(`FAIL  address      ${unused.url} cannot be reached: ECONNREFUSED`);
  });

  it("measures how far this machine's clock is off", async () => {
    const ahead = createServer((_, response) => {
      response.writeHead(404, { date: new Date(Date.now() + 20 * 60_000).toUTCString() }).end();
    });
    await new Promise<void>((resolve) => ahead.listen(0, "127.0.0.1", resolve));
    const { port } = ahead.address() as AddressInfo;
    const env = { ...settingsFor(emulator), MESHFLOW_ASM_ENDPOINT: `http://127.0.0.1:${port}` };
    const { code, out } = await home.meshflow(["doctor"], { env });
    ahead.close();
    expect(out).toMatch(/^FAIL {2}clock {8}(20m 0\ds|19m 5\ds) behind$/m);
    expect(out).toContain("do: Set the clock (NTP)");
    expect(code).toBe(7);
  });

  it("tells a journal that cannot be opened", async () => {
    const file = join(home.folder, "a-file");
    writeFileSync(file, "");
    const env = { ...settingsFor(emulator), MESHFLOW_JOURNAL: join(file, "journal.db") };
    const { code, out } = await home.meshflow(["doctor"], { env });
    expect(code).toBe(1);
    expect(out).toMatch(/^FAIL {2}journal /m);
    const runs = await home.meshflow(["runs"], { env });
    expect(runs.code).toBe(1);
    expect(runs.err).toContain("next:  Make the folder writable, or set MESHFLOW_JOURNAL to another file.");
  });
});
