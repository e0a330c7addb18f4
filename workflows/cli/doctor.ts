import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Config } from "../../shared/config.ts";
import { compose } from "./composition.ts";
import type { Context } from "./context.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { explain } from "./explain.ts";
import { openRunner } from "./open-runner.ts";
import { formatDuration } from "./output/duration.ts";
import { missingSettings } from "./settings.ts";

export interface Check {
  name: string;
  state: "ok" | "failed" | "skipped";
  found: string;
  fix?: string;
  exitCode?: ExitCode;
}

/** Huawei Cloud refuses a signature whose time is further off than this. */
const maxSkewMs = 15 * 60_000;

/** Tries one thing after the other and tells each at once; what depends on a failed one is skipped. */
export async function* examine(context: Context): AsyncGenerator<Check> {
  yield node();
  const { config, check } = settings(context);
  yield check;
  if (!config) return;
  yield await journal(context, config);
  const endpoint =
    config.endpoints.asm ?? (config.region && `https://asm.${config.region}.myhuaweicloud.com`);
  if (!endpoint) return yield* skipped("no region and no endpoint is set", "address", "clock", "permission");
  const { address, clock } = await reach(context, endpoint);
  yield address;
  yield clock;
  if (address.state === "failed") return yield* skipped("ASM cannot be reached", "permission");
  if (missingSettings(config).length > 0) return yield* skipped("settings are missing", "permission");
  yield await permission(context, config);
}

function* skipped(why: string, ...names: string[]): Generator<Check> {
  for (const name of names) yield { name, state: "skipped", found: `not tried: ${why}` };
}

function node(): Check {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const fits = major > 20 || (major === 20 && minor >= 19);
  return fits
    ? { name: "node", state: "ok", found: process.versions.node }
    : failed(
        "node",
        `${process.versions.node} is too old`,
        "Install Node.js 20.19 or newer.",
        exitCodes.unexpected,
      );
}

function settings(context: Context): { config?: Config; check: Check } {
  try {
    const config = context.config();
    const missing = missingSettings(config);
    if (missing.length > 0) {
      const found = missing.map(({ variables, what }) => `${variables}: ${what}`).join("\n");
      return {
        config,
        check: failed(
          "settings",
          `missing:\n${found}`,
          "Set these environment variables.",
          exitCodes.notAllowed,
        ),
      };
    }
    const by = config.accessKey
      ? config.securityToken
        ? "temporary access key"
        : "access key"
      : "IAM user and password";
    const project = config.projectId ? `project ${config.projectId}` : "the project of the IAM token";
    return {
      config,
      check: { name: "settings", state: "ok", found: `${by}, ${project}, ${config.region ?? "no region"}` },
    };
  } catch (error) {
    return {
      check: failed("settings", (error as Error).message, "Set these variables right.", exitCodes.notAllowed),
    };
  }
}

async function journal(context: Context, config: Config): Promise<Check> {
  try {
    const made = existsSync(config.journal);
    const place = made ? config.journal : nearestPlace(config.journal);
    if (!made && !statSync(place).isDirectory()) throw new Error(`${place} is no folder`);
    accessSync(place, constants.W_OK);
    if (!made)
      return { name: "journal", state: "ok", found: `${config.journal} (made at the first request)` };
    const runner = openRunner(context, config);
    const running = runner.list({ status: "running", limit: 10_000 });
    await runner.close();
    const orphans = running.filter(({ owner }) => !owner?.alive).length;
    const found = `${config.journal}, ${running.length} running`;
    return orphans === 0
      ? { name: "journal", state: "ok", found }
      : {
          name: "journal",
          state: "ok",
          found: `${found}, ${orphans} of them with no process`,
          fix: "Go on with them: meshflow resume",
        };
  } catch (error) {
    const fix = "Make it writable, or set MESHFLOW_JOURNAL to another file.";
    return failed("journal", (error as Error).message, fix, exitCodes.unexpected);
  }
}

function nearestPlace(file: string): string {
  const folder = dirname(file);
  return existsSync(folder) || folder === dirname(folder) ? folder : nearestPlace(folder);
}

/** One unsigned GET: any answer at all proves the address, and its Date header shows how far the clock is off. */
async function reach(context: Context, endpoint: string): Promise<{ address: Check; clock: Check }> {
  const before = context.now();
  try {
    const answer = await context.fetch(endpoint, { redirect: "manual", signal: AbortSignal.timeout(10_000) });
    await answer.body?.cancel();
    const after = context.now();
    const address: Check = {
      name: "address",
      state: "ok",
      found: `${endpoint} answers in ${formatDuration(after - before)}`,
    };
    const served = Date.parse(answer.headers.get("date") ?? "");
    if (Number.isNaN(served))
      return { address, clock: { name: "clock", state: "skipped", found: "the answer has no Date header" } };
    return { address, clock: skew((before + after) / 2 - served) };
  } catch (error) {
    const cause = (error as Error).cause as { code?: string; message?: string } | undefined;
    const found = `${endpoint} cannot be reached: ${cause?.code ?? cause?.message ?? (error as Error).message}`;
    const fix = "Check HW_REGION_NAME or MESHFLOW_ASM_ENDPOINT, the network and proxies.";
    return {
      address: failed("address", found, fix, exitCodes.unreachable),
      clock: { name: "clock", state: "skipped", found: "not tried: ASM cannot be reached" },
    };
  }
}

function skew(ms: number): Check {
  const off = `${formatDuration(Math.abs(ms))} ${ms > 0 ? "ahead" : "behind"}`;
  if (Math.abs(ms) < 2_000) return { name: "clock", state: "ok", found: "right" };
  if (Math.abs(ms) < maxSkewMs / 3)
    return { name: "clock", state: "ok", found: `${off}, which is near enough` };
  const fix = "Set the clock (NTP): signatures more than 15 minutes off are refused.";
  return failed("clock", off, fix, exitCodes.notAllowed);
}

async function permission(context: Context, config: Config): Promise<Check> {
  try {
    const { asm } = await compose(config, context);
    const { meshes } = await asm.listMeshes();
    return { name: "permission", state: "ok", found: `the meshes can be listed: ${meshes.length}` };
  } catch (error) {
    const { message, next, exitCode } = explain(error);
    const here = next === undefined || next.includes("meshflow doctor");
    return failed("permission", message, here ? "Set right what is refused." : next, exitCode);
  }
}

function failed(name: string, found: string, fix: string, exitCode: ExitCode): Check {
  return { name, state: "failed", found, fix, exitCode };
}
