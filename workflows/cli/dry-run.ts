import { asmSettings, createAsmClient } from "../../shared/asm/client.ts";
import type { MeshBody } from "../../shared/asm/schema.ts";
import type { Config } from "../../shared/config.ts";
import { clientSettings, createApiClient } from "../../shared/huaweicloud/api-client.ts";
import { type CredentialsProvider, credentialsFromConfig } from "../../shared/huaweicloud/credentials.ts";
import { requireSettings } from "./settings.ts";

/** A request as it would go over the wire, with nothing secret in its headers. */
export interface PlannedRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: unknown;
}

/**
 * What a create would send: the real client builds and signs it, and a stand-in for the network takes it. Calls
 * nothing, IAM neither: without credentials or project id, marked placeholders stand in their places.
 */
export async function planCreate(config: Config, body: MeshBody, now: () => number): Promise<PlannedRequest> {
  requireSettings(config, ["address"]);
  let planned: PlannedRequest | undefined;
  const projectId = config.projectId ?? placeholders.projectId;
  const api = createApiClient({
    credentials: offlineCredentials(config),
    projectId,
    now,
    ...clientSettings(config),
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const text = await request.text();
      planned = {
        method: request.method,
        url: request.url,
        headers: withoutSecrets(request.headers),
        body: JSON.parse(text),
      };
      const answer = {
        ...body,
        metadata: { ...body.metadata, uid: "dry-run" },
        status: { phase: "Creating" },
      };
      return new Response(JSON.stringify(answer), { status: 201 });
    },
  });
  const asm = createAsmClient({ api, projectId, ...asmSettings(config) });
  await asm.createMesh(body);
  return planned!;
}

const placeholders = {
  projectId: "PROJECT_ID",
  accessKey: "NO_ACCESS_KEY_SET",
  token: "TOKEN",
};

function offlineCredentials(config: Config): CredentialsProvider {
  if (config.accessKey) return credentialsFromConfig(config);
  if (config.iam) return { get: async () => ({ kind: "token", token: placeholders.token }) };
  return {
    get: async () => ({ kind: "access-key", accessKey: placeholders.accessKey, secretKey: "none" }),
  };
}

function withoutSecrets(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    [...headers].map(([name, value]) => {
      if (/token/i.test(name)) return [name, "(secret)"];
      if (name === "authorization") {
        return [name, value.replace(/Signature=.*/, "Signature=(made anew for each attempt)")];
      }
      return [name, value];
    }),
  );
}
