import { type Failure, gatewayCode } from "./retry.ts";
import { signatureDifference } from "./signature-difference.ts";

/** What to do about a failure, in plain words; undefined where nothing better than its message is known. */
export function hintFor(
  failure: Failure & { networkCode?: string },
  context: { host: string; region?: string | undefined; canonicalRequest?: string | undefined },
): string | undefined {
  if (failure.network) return networkHint(failure, context.host);
  const code = gatewayCode(failure.code);
  if (code === "APIGW.0301") return authenticationHint(failure.message, context.canonicalRequest);
  if (code === "APIGW.0201")
    return statusHints[failure.status ?? 0] ?? "The gateway could not read the request.";
  if (code === "APIGW.0802") {
    return `The user may not use ${context.region ? `the region ${context.region}` : "this region"}: enable it for the user, or choose another.`;
  }
  return (code === undefined ? undefined : codeHints[code]) ?? statusHints[failure.status ?? 0];
}

function networkHint(failure: Failure & { networkCode?: string }, host: string): string {
  if (failure.networkCode === "ENOTFOUND" || failure.networkCode === "EAI_AGAIN") {
    return `The host ${host} could not be looked up: check the region or endpoint, and the network.`;
  }
  if (failure.network === "unsent") return `No connection to ${host}: check the endpoint, proxy and network.`;
  if (failure.network === "refused")
    return `The certificate of ${host} is not trusted: check the endpoint and any proxy.`;
  return "The request was sent but no answer came: it may have been carried out.";
}

function authenticationHint(message: string, canonicalRequest: string | undefined): string {
  if (/failed to reach the limit/i.test(message)) {
    return "Too many failed signatures locked this access key for 5 minutes: mend the key, then wait.";
  }
  if (/signature expired/i.test(message)) {
    return "This machine's clock is more than 15 minutes off: set it (NTP).";
  }
  if (/ak.*not exist|not exist.*ak/i.test(message)) {
    return "Huawei Cloud does not know this access key: check HUAWEICLOUD_SDK_AK (a key of another cloud or account? a temporary key also needs its security token).";
  }
  if (/verify aksk signature fail/i.test(message)) {
    const difference = canonicalRequest && signatureDifference(message, canonicalRequest);
    return difference
      ? `${difference} Something between here and the gateway, such as a proxy, changes the request.`
      : "The secret key does not belong to the access key: check HUAWEICLOUD_SDK_SK.";
  }
  if (/token/i.test(message))
    return "The token is not valid here: it belongs to another region, or has expired.";
  return "The credentials were not accepted: check the access key and secret key, or the user's password.";
}

const notAllowed = "The user is not allowed to do this: grant the permission in IAM, for this project.";
const wrongAddress =
  "There is no such API at this address: check the endpoint, region and project id. It says nothing about whether the resource exists.";
const tryLater = "A fault of the service: try again later, and give Huawei Cloud the request id if it stays.";
const appAuthentication = "The gateway took this for an app's own API: check the endpoint.";
const blockedAddress = "Access is not allowed from this IP address: see the access control of the account.";

/** ASM API reference, table 5-2, and the API gateway's error codes. */
const codeHints: Record<string, string> = {
  "ASM.01400001":
    "A value in the request is not accepted: check name, version, cluster id and node ids against the console.",
  "ASM.01401001": "ASM did not accept the credentials: check that they belong to this project's account.",
  "ASM.01403001": notAllowed,
  "ASM.01404001": "There is no such mesh in this project: check the uid, the project id and the region.",
  "ASM.01409001": "A mesh of this name exists already: choose another name, or go on with that mesh.",
  "ASM.01429001": "Another operation holds the mesh or its cluster: wait until it ends.",
  "ASM.01500001": tryLater,
  "APIGW.0101": wrongAddress,
  "APIGW.0103": wrongAddress,
  "APIGW.0104": wrongAddress,
  "APIGW.0105": wrongAddress,
  "APIGW.0106": "The API's orchestration in the gateway failed: give Huawei Cloud the request id.",
  "APIGW.0302": notAllowed,
  "APIGW.0303": appAuthentication,
  "APIGW.0304": appAuthentication,
  "APIGW.0305": appAuthentication,
  "APIGW.0306": notAllowed,
  "APIGW.0307": "The token must be renewed, or belongs to another region.",
  "APIGW.0308":
    "Too many calls: wait, and send fewer (MESHFLOW_READS_PER_SECOND, MESHFLOW_WRITES_PER_MINUTE).",
  "APIGW.0310": "The project is not available: check the project id, and whether the account is in arrears.",
  "APIGW.0401": blockedAddress,
  "APIGW.0402": blockedAddress,
  "APIGW.0501": "The quota of calls is used up.",
  "APIGW.0502": "The quota of calls is frozen.",
  "APIGW.0601": tryLater,
  "APIGW.0605": tryLater,
  "APIGW.0606": tryLater,
  "APIGW.0608": tryLater,
  "APIGW.0610": tryLater,
  "APIGW.0613": "IAM is not available at the moment: try again later.",
  "CCE.01429004": "The account's balance does not suffice: top it up; waiting does not help.",
};

const statusHints: Record<number, string> = {
  301: "The endpoint redirects, which is not followed: check its scheme and host.",
  302: "The endpoint redirects, which is not followed: check its scheme and host.",
  303: "The endpoint redirects, which is not followed: check its scheme and host.",
  307: "The endpoint redirects, which is not followed: check its scheme and host.",
  308: "The endpoint redirects, which is not followed: check its scheme and host.",
  401: "The credentials were not accepted: check user name, password, account (domain) and project.",
  403: notAllowed,
  404: wrongAddress,
  413: "The request is larger than the 12 MB that the gateway takes.",
  414: "The URL is longer than the gateway takes.",
  429: "Too many calls: wait, and send fewer.",
  494: "The headers are longer than the gateway takes: is the token complete and the only one?",
  500: tryLater,
  502: tryLater,
  503: tryLater,
  504: tryLater,
};
