import type { Ask, Call, CatalogueEntry, Installation, UsageDay, Version } from "./shapes";

/** A plugin for tests: it asks for something of every kind. */
const words = (en: string) => ({ en, ar: en });

export const ask = (kind: Ask["kind"], subject: string, more: Partial<Ask> = {}): Ask => ({
  kind,
  subject,
  details: [],
  reason: words(`Because of ${subject}.`),
  required: true,
  ...more,
});

export const asks: Ask[] = [
  ask("effect", "fuel-transactions", { reason: words("Adds fuel transactions.") }),
  ask("read", "fleet.vehicles", { details: ["plate_number"], reason: words("To ask for your vehicles only.") }),
  ask("host", "{setting:base_url}", { reason: words("Your provider.") }),
  ask("host", "receipts.example", { details: ["GET /v1"], reason: words("Only receipts."), required: false }),
  ask("secret", "api_key", { details: ["{setting:base_url}"], reason: words("API key") }),
  ask("schedule", "nightly", { details: ["6h"], reason: words("To be up to date.") }),
];

export const entry: CatalogueEntry = {
  name: "syarah-fuel",
  version: "1.0.0",
  title: words("Fuel cards"),
  description: words("Brings transactions."),
  publisher: "BARQ",
  handlers: ["fuel-source"],
  hosts: [
    { host: "{setting:base_url}", resolved: "fuel.example", reason: words("Your provider."), required: true },
    { host: "receipts.example", resolved: "receipts.example", reason: words("Only receipts."), required: false },
  ],
  reads: [
    {
      resource: "fleet.vehicles",
      fields: ["plate_number"],
      reason: words("To ask for your vehicles only."),
      required: true,
    },
  ],
  effects: ["fuel-transactions"],
  events: [],
  settings: [
    { name: "base_url", kind: "text", label: words("Provider's address"), required: true, default: null, values: [] },
  ],
  secrets: [{ name: "api_key", label: words("API key"), hosts: ["{setting:base_url}"], required: true }],
  installation_id: null,
  asks,
  schedules: [{ name: "nightly", runs: "6h", handler: "fuel-source.pull", reason: words("To be up to date.") }],
  webhooks: [],
  versions: ["1.0.0"],
  source: "registry",
};

const row = { version: 1, created_at: "2026-11-20T08:00:00Z", updated_at: "2026-11-20T08:00:00Z" };

export const installation: Installation = {
  ...row,
  id: "i1",
  plugin: "syarah-fuel",
  plugin_version: "1.0.0",
  component_digest: "ab".repeat(32),
  status: "active",
  status_reason: null,
  status_detail: null,
  grants: { hosts: ["{setting:base_url}"], effects: ["fuel-transactions"], reads: ["fleet.vehicles"], events: [] },
  hosts: [],
  settings: { base_url: "https://fuel.example" },
  secrets_set: ["api_key"],
  secrets_changed_at: null,
  last_run_at: null,
  last_run_status: null,
  cursor_moved_at: null,
  version_id: "v1",
  previous_version_id: null,
  waiting_version_id: null,
  waiting_asks: null,
  updates_itself: true,
  makes_deliveries: false,
  removed_at: null,
};

export const version: Version = {
  ...row,
  id: "v1",
  plugin: "syarah-fuel",
  plugin_version: "1.0.0",
  status: "ready",
  source: "upload",
  publisher: "Najd Software",
  trust: "organization",
  key_id: "00112233aabbccdd",
  component_digest: "ab".repeat(32),
  size_bytes: 106_000,
  readme: null,
  refused_code: null,
  refused_detail: null,
  added_by: "Sara",
  checked_at: null,
};

export const call: Call = {
  ...row,
  id: "c1",
  installation_id: "i1",
  task_id: null,
  run_id: null,
  plugin: "syarah-fuel",
  plugin_version: "1.0.0",
  component_digest: "ab".repeat(32),
  handler: "fuel-source.pull",
  attempt: 1,
  outcome: "ok",
  problem_code: null,
  problem_detail: null,
  started_at: "2026-11-20T08:00:00Z",
  wall_us: 84_000,
  guest_us: 900,
  fuel_used: null,
  memory_peak_bytes: 1_200_000,
  host_calls: 3,
  http_calls: 1,
  records: 12,
  output_digest: "cd".repeat(32),
  replayed_at: null,
  replay_equal: null,
};

export const usageDay: UsageDay = {
  ...row,
  id: "u1",
  installation_id: "i1",
  used_on: "2026-11-20",
  calls: 0,
  failures: 0,
  throttled: 0,
  wall_us: 0,
  guest_us: 0,
  http_calls: 0,
  records: 0,
};
