import type { Installation } from "./shapes";

/** Where on the plugin's page one mends what an installation waits for. */
export type Remedy = "settings" | "access" | "versions" | "calls";

const REMEDIES: Record<string, Remedy> = {
  settings_missing: "settings",
  secrets_missing: "settings",
  secrets_unreadable: "settings",
  plugin_settings_wrong: "settings",
  provider_refused_key: "settings",
  webhook_not_ready: "settings",
  grants_missing: "access",
  plugin_withdrawn: "versions",
  plugin_key_revoked: "versions",
  plugin_missing: "versions",
};

/** Nothing while it waits for nobody. What is not known by its code is read from its calls. */
export function remedyFor({ status, status_reason: reason }: Pick<Installation, "status" | "status_reason">) {
  if (status === "needs_settings") return REMEDIES[reason ?? ""] ?? "settings";
  if (status === "needs_attention" || status === "suspended") return REMEDIES[reason ?? ""] ?? "calls";
  return undefined;
}

/** Whether work for it is done at all. */
export function works(status: Installation["status"]): boolean {
  return status === "active" || status === "needs_attention";
}

/** An update is under way: the new version takes over what the old one kept. */
export function isUpdating(installation: Installation): boolean {
  return installation.waiting_version_id !== null && installation.waiting_asks === null && works(installation.status);
}

/** An update waits for somebody's word. */
export function asksMore(installation: Installation): boolean {
  return installation.waiting_version_id !== null && (installation.waiting_asks?.asks.length ?? 0) > 0;
}
