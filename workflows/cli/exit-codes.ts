/** What the command's exit status says; the table in `meshflow --help` is made from this one. */
export const exitCodes = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  failed: 3,
  timedOut: 4,
  cancelled: 5,
  notFound: 6,
  notAllowed: 7,
  unreachable: 8,
  conflict: 9,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** One row per exit status, in the order of the numbers. */
export const exitCodeTable: readonly (readonly [ExitCode, string])[] = [
  [exitCodes.ok, "done as asked"],
  [exitCodes.unexpected, "unexpected: a fault of meshflow or of this machine"],
  [exitCodes.usage, "wrong command line, mesh file, flow or delete without --yes"],
  [exitCodes.failed, "the mesh or the request failed and will not succeed by itself"],
  [exitCodes.timedOut, "the deadline passed first"],
  [exitCodes.cancelled, "cancelled"],
  [exitCodes.notFound, "no such mesh or run"],
  [exitCodes.notAllowed, "credentials or settings missing or refused, or not permitted"],
  [exitCodes.unreachable, "Huawei Cloud cannot be reached or stays busy; the same command may work later"],
  [exitCodes.conflict, "name taken by another mesh, or key used for another request"],
  [exitCodes.interrupted, "you stopped watching; the request can be resumed"],
];

/** Exit status for a step's `statusCode` (the numbers of the flow contract). */
export function exitCodeForStatus(statusCode: number): ExitCode {
  if (statusCode < 300) return exitCodes.ok;
  switch (statusCode) {
    case 401:
    case 403:
      return exitCodes.notAllowed;
    case 404:
      return exitCodes.notFound;
    case 409:
      return exitCodes.conflict;
    case 503:
      return exitCodes.unreachable;
    case 504:
      return exitCodes.timedOut;
    default:
      return exitCodes.failed;
  }
}
