import { describe, expect, it } from "vitest";
import { diagnose, type Facts } from "../../../shared/asm/diagnosis.ts";

const minutes = (count: number) => count * 60_000;
const leftOver = /namespace istio-system left over.*`kubectl delete namespace istio-system`/;
const helm =
  /Helm release istio-master.*`helm -n istio-system list --all`.*`kubectl delete clusterrole istio-cleanup-secrets-istio-system`/;

describe("the advice for a known fault", () => {
  const rows: [string, Facts, RegExp][] = [
    ["a create that failed", { direction: "create", phase: "CreateFailed" }, leftOver],
    [
      "a create that failed: the network",
      { direction: "create", phase: "CreateFailed" },
      /port 7443.*CoreDNS/,
    ],
    ["a create stuck", { direction: "create", phase: "Creating", stuckMs: minutes(15) }, leftOver],
    ["a delete that failed", { direction: "delete", phase: "DeleteFailed" }, helm],
    ["a delete stuck", { direction: "delete", phase: "Deleting", stuckMs: minutes(15) }, helm],
    [
      "a delete stuck: nodes",
      { direction: "delete", phase: "Deleting", stuckMs: minutes(15) },
      /available node/,
    ],
    ["a mesh deleted meanwhile", { direction: "create", phase: "Deleting" }, /Cloud Trace Service/],
    ["a failed upgrade", { direction: "create", phase: "UpgradeFailed" }, /only the ASM console/],
    ["a failed roll-back", { direction: "create", phase: "RollbackFailed" }, /only the ASM console/],
    [
      "a name that is taken",
      { direction: "create", code: "ASM.01409001", status: 409 },
      /choose another name.*Do not delete the other mesh.*unless you know that it is yours/,
    ],
    [
      "a lock",
      { direction: "create", code: "ASM.01429001", status: 429 },
      /Another operation holds.*half a minute/,
    ],
    [
      "a wrong address",
      { direction: "delete", code: "APIGW.0101", status: 404 },
      /says nothing about the mesh.*MESHFLOW_ASM_ENDPOINT/,
    ],
    [
      "a wrong address, older gateway",
      { direction: "delete", code: "APIG.0101", status: 404 },
      /says nothing about the mesh/,
    ],
    [
      "no permission to create",
      { direction: "create", code: "ASM.01403001" },
      /asm:mesh:create.*full permissions for CCE/,
    ],
    ["no permission to delete", { direction: "delete", code: "APIGW.0302" }, /asm:mesh:delete/],
    ["no permission, no code", { direction: "delete", status: 403 }, /asm:mesh:delete/],
    [
      "a create that is not accepted",
      { direction: "create", code: "ASM.01400001" },
      /cluster and its nodes exist/,
    ],
    ["a delete that is not accepted", { direction: "delete", code: "ASM.01400001" }, /grayscale/],
    ["a quota", { direction: "create", code: "ASM.01400001", message: "mesh quota exceeded" }, /My Quotas/],
    [
      "no money",
      { direction: "create", code: "CCE.01429004", status: 429, message: "Insufficient account balance" },
      /top it up/,
    ],
    ["port 7443", { direction: "create", message: "dial tcp: port 7443 refused" }, /inbound TCP port 7443/],
    ["CoreDNS", { direction: "create", message: "coredns is not ready" }, /k8s-app=coredns/],
    [
      "the nodes' system",
      { direction: "create", message: "EulerOS 2.5 is not supported" },
      /another operating system/,
    ],
    [
      "the cluster's version",
      { direction: "create", message: "The cluster version is not supported" },
      /upgrade the cluster/,
    ],
    [
      "a Helm message",
      { direction: "delete", message: 'clusterroles "istio-cleanup-secrets-istio-system" already exists' },
      helm,
    ],
    [
      "a namespace in the message",
      { direction: "create", message: "namespace istio-system exists" },
      leftOver,
    ],
  ];
  it.each(rows)("%s", (_, facts, advice) => expect(diagnose(facts)).toMatch(advice));
});

describe("no advice", () => {
  const rows: Facts[] = [
    { direction: "create" },
    { direction: "create", phase: "Creating", stuckMs: minutes(15) - 1 },
    { direction: "create", phase: "Creating" },
    { direction: "delete", phase: "Deleting", stuckMs: minutes(14) },
    { direction: "create", phase: "Running" },
    { direction: "create", code: "APIGW.0401", status: 403 },
    { direction: "create", code: "APIGW.0308", status: 429 },
    { direction: "delete", code: "ASM.01404001", status: 404 },
    { direction: "create", code: "ASM.01500001", status: 500 },
    { direction: "create", code: "ASM.01999999", status: 500, message: "Something." },
    { direction: "create", message: "GET http://127.0.0.1:7443/v1 failed" },
  ];
  it.each(rows)("for %j", (facts) => expect(diagnose(facts)).toBeUndefined());
});
