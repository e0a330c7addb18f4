import { userInfo } from "node:os";

/** Who asks, for the notification; some containers have no user names. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "unknown";
  }
}
