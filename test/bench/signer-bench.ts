import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { signRequest } from "../../shared/huaweicloud/signature.ts";

/** One comparison; rates are medians of requests signed per second, measured in turns in one process. */
export interface Row {
  name: string;
  ours: number;
  official: number;
  /** Median of the ratios of neighbouring rounds, which share the machine's load. */
  ratio: number;
  /** The least ratio that is good enough. */
  target: number;
}

/** Compares the signer with the official SDK's. Both stringify the body and make the date themselves. */
export async function benchSigner({ rounds = 15, roundMs = 120 } = {}): Promise<Row[]> {
  const project = "0605767b5780d5762fc5c0118072a564";
  const keys = { accessKey: "HWEXAMPLEAK000000001", secretKey: "ExampleSk/+NotReal0123456789abcdefghijKL" };
  const endpoint = `https://asm.cn-north-4.myhuaweicloud.com/v1/${project}/meshes`;
  const credential = new BasicCredentials({ ak: keys.accessKey, sk: keys.secretKey, projectId: project });
  const mesh = { apiVersion: "v1", kind: "Mesh", metadata: { name: "bench-mesh" }, padding: "" };
  mesh.padding = "x".repeat(1536 - JSON.stringify(mesh).length);
  const headers = () => ({ "content-type": "application/json", "X-Project-Id": project });

  const pairs = [
    {
      name: "GET without a body",
      target: 2,
      ours: () => signRequest({ method: "GET", url: endpoint, headers: headers() }, keys).signature,
      official: () =>
        AKSKSigner.sign({ method: "GET", endpoint, queryParams: {}, headers: headers() }, credential)
          .Authorization,
    },
    {
      name: "POST of 1.5 KB of JSON",
      target: 1.3,
      ours: () =>
        signRequest({ method: "POST", url: endpoint, headers: headers(), body: JSON.stringify(mesh) }, keys)
          .signature,
      official: () =>
        AKSKSigner.sign(
          { method: "POST", endpoint, queryParams: {}, headers: headers(), data: mesh },
          credential,
        ).Authorization,
    },
  ];
  return pairs.map(({ name, target, ours, official }) => {
    if (ours() !== /Signature=(.*)$/.exec(official() ?? "")?.[1]) {
      // the second may have changed between the two
      if (ours() !== /Signature=(.*)$/.exec(official() ?? "")?.[1])
        throw new Error(`${name}: signatures differ`);
    }
    ratePerSecond(ours, roundMs);
    ratePerSecond(official, roundMs);
    const measured = Array.from({ length: rounds }, (_, round) => {
      if (round % 2 === 0)
        return { ours: ratePerSecond(ours, roundMs), official: ratePerSecond(official, roundMs) };
      const first = ratePerSecond(official, roundMs);
      return { official: first, ours: ratePerSecond(ours, roundMs) };
    });
    return {
      name,
      target,
      ours: Math.round(median(measured.map((round) => round.ours))),
      official: Math.round(median(measured.map((round) => round.official))),
      ratio: median(measured.map((round) => round.ours / round.official)),
    };
  });
}

interface OfficialRequest {
  method: string;
  endpoint: string;
  queryParams: object;
  headers: Record<string, string>;
  data?: unknown;
}
const load = createRequire(import.meta.url);
const { AKSKSigner } = load("@huaweicloud/huaweicloud-sdk-core/auth/AKSKSigner.js") as {
  AKSKSigner: { sign(request: OfficialRequest, credential: object): Record<string, string> };
};
const { BasicCredentials } = load("@huaweicloud/huaweicloud-sdk-core/auth/BasicCredentials.js") as {
  BasicCredentials: new (options: { ak: string; sk: string; projectId: string }) => object;
};

function ratePerSecond(run: () => unknown, ms: number): number {
  const start = performance.now();
  let count = 0;
  let elapsed = 0;
  do {
    for (let i = 0; i < 200; i++) run();
    count += 200;
    elapsed = performance.now() - start;
  } while (elapsed < ms);
  return (count / elapsed) * 1000;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const rows = await benchSigner();
  console.table(
    rows.map((row) => ({
      signed: row.name,
      "meshflow /s": row.ours,
      "official SDK /s": row.official,
      ratio: row.ratio.toFixed(2),
      target: `${row.target} or more`,
    })),
  );
}
