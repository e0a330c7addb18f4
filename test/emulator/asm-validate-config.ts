import type { Check } from "./check.ts";

/** The rules of `spec.config`; `minor` is the minor of the mesh's version, which some parts ask for. */
export function validateConfig(check: Check, value: unknown, minor: number): void {
  const config = check.object(value, "spec.config");
  if (!config) return;
  if (config.proxyConfig !== undefined) {
    const proxy = check.object(config.proxyConfig, "spec.config.proxyConfig") ?? {};
    for (const field of ["includeIPRanges", "excludeIPRanges"])
      listOf(check, proxy, field, isRange, "IP ranges");
    for (const field of ["include", "exclude"].flatMap((w) => [`${w}OutboundPorts`, `${w}InboundPorts`])) {
      listOf(check, proxy, field, isPort, "ports");
    }
  }
  if (config.telemetryConfig === undefined) return;
  const path = "spec.config.telemetryConfig";
  const telemetry = check.object(config.telemetryConfig, path) ?? {};
  if (telemetry.metrics !== undefined) {
    const metrics = check.object(telemetry.metrics, `${path}.metrics`);
    for (const [i, aom] of optionalList(check, metrics?.aom, `${path}.metrics.aom`).entries()) {
      check.text(
        check.object(aom, `${path}.metrics.aom[${i}]`)?.instanceID,
        `${path}.metrics.aom[${i}].instanceID`,
      );
    }
  }
  if (telemetry.accessLogging !== undefined) {
    const logging = check.object(telemetry.accessLogging, `${path}.accessLogging`);
    const lts = optionalList(check, logging?.lts, `${path}.accessLogging.lts`);
    if (lts.length > 0 && minor < 18) check.fault(`${path}.accessLogging`, "needs version 1.18 or newer");
    for (const [i, entry] of lts.entries()) {
      const log = check.object(entry, `${path}.accessLogging.lts[${i}]`) ?? {};
      for (const field of ["logGroupID", "logStreamID"]) {
        if (log[field] !== undefined) check.text(log[field], `${path}.accessLogging.lts[${i}].${field}`);
      }
    }
  }
  if (telemetry.tracing !== undefined) validateTracing(check, telemetry.tracing, `${path}.tracing`, minor);
}

function validateTracing(check: Check, value: unknown, path: string, minor: number): void {
  const tracing = check.object(value, path);
  if (!tracing) return;
  const sampling = tracing.randomSamplingPercentage;
  if (sampling !== undefined && typeof sampling !== "number") {
    check.fault(`${path}.randomSamplingPercentage`, "must be a number");
  }
  const names = new Set<unknown>(["apm-otel"]);
  for (const [i, entry] of optionalList(
    check,
    tracing.extensionProviders,
    `${path}.extensionProviders`,
  ).entries()) {
    const at = `${path}.extensionProviders[${i}]`;
    const provider = check.object(entry, at);
    if (!provider) continue;
    if (provider.name !== undefined) names.add(check.text(provider.name, `${at}.name`));
    if (provider.zipkin === undefined) continue;
    if (minor < 15) check.fault(`${at}.zipkin`, "needs version 1.15 or newer");
    const zipkin = check.object(provider.zipkin, `${at}.zipkin`) ?? {};
    if (zipkin.service !== undefined) check.text(zipkin.service, `${at}.zipkin.service`);
    if (zipkin.port !== undefined && !(Number.isInteger(zipkin.port) && isPort(String(zipkin.port)))) {
      check.fault(`${at}.zipkin.port`, "must be a port number");
    }
  }
  for (const [i, name] of optionalList(
    check,
    tracing.defaultProviders,
    `${path}.defaultProviders`,
  ).entries()) {
    if (!names.has(name)) {
      check.fault(`${path}.defaultProviders[${i}]`, "must name an extension provider or apm-otel");
    }
  }
}

function listOf(
  check: Check,
  proxy: Record<string, unknown>,
  field: string,
  isEntry: (text: string) => boolean,
  what: string,
): void {
  const value = proxy[field];
  if (value === undefined || value === "") return;
  if (
    typeof value !== "string" ||
    !(value === "*" || value.split(",").every((entry) => isEntry(entry.trim())))
  ) {
    check.fault(`spec.config.proxyConfig.${field}`, `must be a string of ${what} with commas between`);
  }
}

function optionalList(check: Check, value: unknown, path: string): unknown[] {
  return value === undefined ? [] : (check.list(value, path) ?? []);
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

function isRange(text: string): boolean {
  const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (v4) return v4.slice(1, 5).every((part) => Number(part) <= 255) && Number(v4[5]) <= 32;
  return /^[0-9a-f:]*:[0-9a-f:]*\/\d{1,3}$/i.test(text);
}
