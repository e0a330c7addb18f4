import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createHome } from "./run-cli.ts";

const home = createHome();
afterAll(() => home.remove());

// an address at which nobody listens: a dry run that called anything would fail
const env = {
  HW_REGION_NAME: "cn-north-4",
  HUAWEICLOUD_SDK_AK: "EXAMPLEACCESSKEY0000",
  HUAWEICLOUD_SDK_SK: "example-secret-key-that-is-not-real-0000",
  HUAWEICLOUD_SDK_PROJECT_ID: "0000000000000000000000000000e4a1",
  MESHFLOW_ASM_ENDPOINT: "http://127.0.0.1:1",
};

const body = {
  apiVersion: "v1",
  kind: "Mesh",
  metadata: { name: "prod-mesh" },
  spec: {
    type: "InCluster",
    version: "1.18",
    extendParams: {
      clusters: [
        {
          clusterID: "cluster-1",
          installation: {
            nodes: { fieldSelector: { key: "UID", operator: "In", values: ["node-a", "node-b"] } },
          },
          injection: {
            namespaces: { fieldSelector: { key: "Name", operator: "In", values: ["default"] } },
          },
        },
      ],
    },
    tags: [{ key: "team", value: "payments" }],
  },
};

const flags = ["--version", "1.18", "--cluster", "cluster-1", "--nodes", "node-a,node-b"];

describe("create --dry-run", () => {
  it("shows method, URL, headers without secrets, the body and what would follow", async () => {
    const args = [
      "create",
      "prod-mesh",
      ...flags,
      "--namespaces",
      "default",
      "--tag",
      "team=payments",
      "--dry-run",
    ];
    const { code, out, err } = await home.meshflow(args, { env });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out.replace(/\d{8}T\d{6}Z/, "DATE").replace(/up at \S+/, "up at DEADLINE")).toBe(
      `POST http://127.0.0.1:1/v1/0000000000000000000000000000e4a1/meshes
accept: application/json
authorization: SDK-HMAC-SHA256 Access=EXAMPLEACCESSKEY0000, SignedHeaders=content-type;host;x-project-id;x-sdk-date, Signature=(made anew for each attempt)
content-type: application/json
user-agent: meshflow
x-project-id: 0000000000000000000000000000e4a1
x-sdk-date: DATE

${JSON.stringify(body, undefined, 2)}

Nothing was sent. Without --dry-run meshflow would:
  1. send this, unless prod-mesh has been made by the same request before
  2. look at the mesh until it is Running or has failed
  3. tell nobody else: no SMN topic and no webhook is set
  4. give up at DEADLINE
`,
    );
    expect(out).not.toContain(env.HUAWEICLOUD_SDK_SK);
  });

  it("is one JSON document with --json, with the destinations that would be told", async () => {
    const { code, out } = await home.meshflow(["create", "prod-mesh", ...flags, "--dry-run", "--json"], {
      env: {
        ...env,
        MESHFLOW_SMN_TOPIC_URN: "urn:smn:cn-north-4:PROJECT:ops",
        MESHFLOW_WEBHOOK_URL: "https://hooks.example.com/secret-path",
        MESHFLOW_WEBHOOK_SECRET: "whsec_c2VjcmV0",
      },
    });
    expect(code).toBe(0);
    const document = JSON.parse(out) as { request: object; plan: string[] };
    expect(Object.keys(document)).toEqual(["dryRun", "request", "warnings", "plan"]);
    expect(document.request).toMatchObject({
      method: "POST",
      url: "http://127.0.0.1:1/v1/0000000000000000000000000000e4a1/meshes",
      body: { kind: "Mesh", metadata: { name: "prod-mesh" } },
    });
    expect(document.plan[2]).toBe(
      "tell urn:smn:cn-north-4:PROJECT:ops and the webhook at hooks.example.com how it ended",
    );
    expect(out).not.toContain("secret-path");
  });

  it("needs no credentials and says what is not set", async () => {
    const { code, out } = await home.meshflow(["create", "prod-mesh", ...flags, "--dry-run"], {
      env: { HW_REGION_NAME: "cn-north-4" },
    });
    expect(code).toBe(0);
    expect(out).toContain("POST https://asm.cn-north-4.myhuaweicloud.com/v1/PROJECT_ID/meshes\n");
    expect(out).toContain(
      "warning: HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK: not set, placeholders stand here",
    );
  });

  it("asks IAM for no token and shows none", async () => {
    const { code, out } = await home.meshflow(["create", "prod-mesh", ...flags, "--dry-run"], {
      env: {
        HW_REGION_NAME: "cn-north-4",
        HW_USER_NAME: "user",
        HW_USER_PASSWORD: "a-password",
        HW_DOMAIN_NAME: "domain",
        MESHFLOW_IAM_ENDPOINT: "http://127.0.0.1:1",
      },
    });
    expect(code).toBe(0);
    expect(out).toContain("x-auth-token: (secret)\n");
    expect(out).not.toContain("a-password");
  });
});

describe("create -f", () => {
  const planned = async (args: string[], input?: string) => {
    const ran = await home.meshflow(["create", ...args, "--dry-run", "--json"], {
      env,
      ...(input !== undefined && { input }),
    });
    return (JSON.parse(ran.out) as { request: { body: typeof body } }).request.body;
  };
  const file = (name: string, text: string) => {
    const path = join(home.folder, name);
    writeFileSync(path, text);
    return path;
  };

  it("reads the short form from YAML on standard input, an unquoted version as it is written", async () => {
    const yaml = "name: prod-mesh\nversion: 1.10\nclusters: [{ id: 7, nodes: [node-a] }]\n";
    const { metadata, spec } = await planned(["-f", "-"], yaml);
    expect([metadata.name, spec.version, spec.extendParams.clusters[0]?.clusterID]).toEqual([
      "prod-mesh",
      "1.10",
      "7",
    ]);
  });

  it("sends the full form as it is, with what the command line says instead", async () => {
    const path = file("full.json", JSON.stringify(body));
    expect(await planned(["-f", path])).toEqual(body);
    const changed = await planned([
      "other-mesh",
      "-f",
      path,
      "--version",
      "1.15",
      "--nodes",
      "node-c",
      "--tag",
      "a=b",
    ]);
    expect(changed).toEqual({
      ...body,
      metadata: { name: "other-mesh" },
      spec: {
        ...body.spec,
        version: "1.15",
        extendParams: {
          clusters: [
            {
              ...body.spec.extendParams.clusters[0],
              installation: { nodes: { fieldSelector: { key: "UID", operator: "In", values: ["node-c"] } } },
            },
          ],
        },
        tags: [{ key: "a", value: "b" }],
      },
    });
  });

  it.each([
    ["nothing at all", "", "standard input holds no object"],
    ["a list", "[1]", "standard input holds no object"],
    ["a torn object", "{\n  name: prod-mesh", "standard input:2: this is neither JSON nor YAML"],
    ["an unknown field", "name: prod-mesh\ncluster: c1", "cluster: is called clusters"],
  ])("refuses %s", async (_, input, message) => {
    const { code, out, err } = await home.meshflow(["create", "-f", "-"], { env, input });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(message);
  });

  it("names a file that is not there", async () => {
    const { code, err } = await home.meshflow(["create", "-f", "no-such.yaml"], { env });
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringContaining("Cannot read no-such.yaml: there is no such file."),
    });
  });

  it("tells the faults of options in the words of the options", async () => {
    const { code, err } = await home.meshflow(["create", "Prod", "--version", "latest"], { env });
    expect(code).toBe(2);
    expect(err).toMatch(/^ {2}<name>: must start with a lower-case letter$/m);
    expect(err).toMatch(/^ {2}--version: /m);
    expect(err).toMatch(/^ {2}--cluster, --nodes: are missing/m);
  });
});
