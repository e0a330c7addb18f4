import * as z from "zod/mini";
import { strict, text } from "./faults.ts";
import { providerNames, samplingPercentage, zipkinPort } from "./fields.ts";
import { checkTracing, list, rule } from "./rule-checks.ts";
import { portListFault, rangeListFault } from "./rules.ts";

const ports = z.optional(text("ports such as 80,443").check(z.superRefine(rule(portListFault))));
const ranges = z.optional(text("IP ranges such as 10.247.0.0/16").check(z.superRefine(rule(rangeListFault))));

const proxyConfig = strict(
  {
    includeIPRanges: ranges,
    excludeIPRanges: ranges,
    includeOutboundPorts: ports,
    excludeOutboundPorts: ports,
    includeInboundPorts: ports,
    excludeInboundPorts: ports,
  },
  "the proxy's settings",
);

const extensionProvider = strict(
  {
    name: text("the name of the provider"),
    zipkin: strict({ service: text("the address of Zipkin"), port: zipkinPort }, "service and port"),
  },
  "a provider with name and zipkin",
);

const tracing = strict(
  {
    randomSamplingPercentage: z.optional(samplingPercentage),
    defaultProviders: z.optional(providerNames),
    extensionProviders: z.optional(z.array(extensionProvider, "must be a list of providers")),
  },
  "the settings of tracing",
).check(
  z.superRefine(
    checkTracing({
      names: (value) =>
        list(value.extensionProviders).map((provider) => (provider as { name?: unknown } | null)?.name),
      defaults: (value) => value.defaultProviders,
      namesPath: (i) => ["extensionProviders", i, "name"],
      defaultsPath: (i) => ["defaultProviders", i],
      where: "extensionProviders",
    }),
    { when: () => true },
  ),
);

const metrics = strict(
  {
    aom: z.optional(
      z.array(strict({ instanceID: text("the AOM instance id") }, "an instanceID"), "must be a list"),
    ),
  },
  "the settings of metrics (aom)",
);

const log = strict(
  { logGroupID: text("the LTS log group id"), logStreamID: text("the LTS log stream id") },
  "logGroupID and logStreamID",
);

const telemetryConfig = strict(
  {
    metrics: z.optional(metrics),
    accessLogging: z.optional(
      strict({ lts: z.optional(z.array(log, "must be a list")) }, "the settings of access logs (lts)"),
    ),
    tracing: z.optional(tracing),
  },
  "the settings of metrics, accessLogging and tracing",
);

/** `spec.config` of the body to send (ASM API reference, tables 4-12 to 4-21). */
export const meshConfig = strict(
  { proxyConfig: z.optional(proxyConfig), telemetryConfig: z.optional(telemetryConfig) },
  "proxyConfig and telemetryConfig",
);
