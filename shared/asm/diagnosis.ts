import { STUCK_AFTER_MS } from "./phase.ts";

/** What is known of a failure or a long wait. */
export interface Facts {
  direction: "create" | "delete";
  phase?: string | undefined;
  /** Huawei's error code, such as `ASM.01409001` or `APIGW.0308`. */
  code?: string | undefined;
  status?: number | undefined;
  message?: string | undefined;
  /** How long the mesh has been in this phase, in ms. */
  stuckMs?: number | undefined;
}

/**
 * The likely cause and what to do, in one or two sentences. Nothing where only what holds for every service is
 * known: that is the hint of the ApiError, which gives way to this one.
 */
export function diagnose(facts: Facts): string | undefined {
  return causes.find(({ fits }) => fits(facts))?.advice(facts);
}

interface Cause {
  fits: (facts: Facts) => boolean;
  advice: (facts: Facts) => string;
}

const code =
  (...codes: string[]) =>
  ({ code }: Facts): boolean =>
    codes.includes((code ?? "").replace(/^APIG\./, "APIGW."));

const text =
  (pattern: RegExp) =>
  ({ message }: Facts): boolean =>
    pattern.test(message ?? "");

const says = (advice: string) => () => advice;

/**
 * Most telling first: words of the message, then codes, then phases. Sources: ASM user guide, FAQ 0020, 0030, 0031.
 */
const causes: readonly Cause[] = [
  {
    fits: text(/insufficient.*balance|arrears/i),
    advice: says("The account's balance is too low or it is in arrears: top it up; no retry helps before."),
  },
  {
    fits: text(/quota/i),
    advice: says(
      "A quota of the account is used up: delete meshes that nobody needs, or ask for more under My Quotas in the console.",
    ),
  },
  {
    fits: text(/(?<![:\d])7443\b/),
    advice: says(
      "The mesh cannot reach the nodes: open inbound TCP port 7443 in the security group of the worker nodes, then try again.",
    ),
  },
  {
    fits: text(/coredns/i),
    advice: says(
      "CoreDNS in the cluster is not healthy: look at `kubectl -n kube-system get pods -l k8s-app=coredns` and repair it, then try again.",
    ),
  },
  {
    fits: text(/centos|euleros/i),
    advice: says(
      "Nodes with CentOS or EulerOS 2.5 cannot carry mesh versions 1.13 and 1.15: choose nodes with another operating system.",
    ),
  },
  {
    fits: text(/(cluster|kubernetes|cce)[^.]*version/i),
    advice: says(
      "The CCE cluster's version does not go with the mesh version: look up the pairs in the ASM user guide, then upgrade the cluster or ask for another mesh version.",
    ),
  },
  {
    fits: text(/istio-master|istio-cleanup-secrets|uninstallation failed/i),
    advice: helmAdvice,
  },
  { fits: text(/istio-system/i), advice: leftOverAdvice },
  {
    fits: code("APIGW.0101", "APIGW.0103", "APIGW.0104", "APIGW.0105"),
    advice: says(
      "The gateway knows no such API here, so the address is wrong and this says nothing about the mesh: check the region and MESHFLOW_ASM_ENDPOINT, and whether this site needs MESHFLOW_ASM_DIALECT=legacy.",
    ),
  },
  {
    fits: (facts) =>
      code("APIGW.0302", "APIGW.0304", "APIGW.0306", "ASM.01403001")(facts) ||
      (facts.status === 403 && !facts.code),
    advice: ({ direction }) =>
      `The IAM user lacks a permission: it needs asm:mesh:${direction}, asm:mesh:get and asm:mesh:list, and full permissions for CCE (CCE FullAccess).`,
  },
  {
    fits: code("ASM.01429001"),
    advice: says(
      "Another operation holds the mesh or its cluster: wait half a minute and try again; if it stays locked, see in the console what is running there.",
    ),
  },
  {
    fits: (facts) => code("ASM.01409001")(facts) || facts.status === 409,
    advice: says(
      "The name is taken, perhaps by a mesh in another project or region of the account: choose another name. Do not delete the other mesh to free the name, as the API reference advises, unless you know that it is yours and unused.",
    ),
  },
  {
    fits: code("ASM.01400001"),
    advice: ({ direction }) =>
      direction === "create"
        ? "The service does not accept the mesh: check that the cluster and its nodes exist in this region and project, are in no other mesh, and that the mesh version is offered for the cluster's version."
        : "The service does not accept the delete: check the uid, and finish grayscale releases that are still running in the mesh.",
  },
  {
    fits: ({ direction, phase }) => direction === "create" && phase === "CreateFailed",
    advice: (facts) =>
      `${leftOverAdvice(facts)} Else check inbound port 7443 on the worker nodes, CoreDNS, the nodes' operating system (no CentOS or EulerOS 2.5) and the cluster's version.`,
  },
  {
    fits: ({ direction, phase, stuckMs = 0 }) =>
      direction === "create" && phase === "Creating" && stuckMs >= STUCK_AFTER_MS,
    advice: (facts) =>
      `${leftOverAdvice(facts)} Else check inbound port 7443 on the worker nodes and CoreDNS.`,
  },
  { fits: ({ phase }) => phase === "DeleteFailed", advice: helmAdvice },
  {
    fits: ({ direction, phase, stuckMs = 0 }) =>
      direction === "delete" && phase === "Deleting" && stuckMs >= STUCK_AFTER_MS,
    advice: (facts) => `${helmAdvice(facts)} The clean-up also needs an available node in the cluster.`,
  },
  {
    fits: ({ direction, phase }) => direction === "create" && phase === "Deleting",
    advice: says(
      "Somebody deletes the mesh while it is created: Cloud Trace Service shows who; agree first, then ask again.",
    ),
  },
  {
    fits: ({ phase }) => phase === "UpgradeFailed" || phase === "RollbackFailed",
    advice: says(
      "An upgrade that was started elsewhere has failed: only the ASM console can repeat or roll it back.",
    ),
  },
];

function leftOverAdvice(_facts: Facts): string {
  return "The usual cause is a namespace istio-system left over from an earlier mesh: if `kubectl get namespace istio-system` shows one that no mesh uses, run `kubectl delete namespace istio-system`, delete the failed mesh and create it again.";
}

function helmAdvice(_facts: Facts): string {
  return "The usual cause is the Helm release istio-master stuck in uninstalling: look at `helm -n istio-system list --all`, remove what it trips over, usually `kubectl delete clusterrole istio-cleanup-secrets-istio-system`, and delete the mesh again (ASM FAQ 0031).";
}
