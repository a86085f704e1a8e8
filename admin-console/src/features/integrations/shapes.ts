import type { Answer } from "@/api/answer";

type Entry = Answer<"/api/v1/integrations/catalogue", "get">["data"][number];

export interface Words {
  en: string;
  ar: string;
}

export type AskKind =
  | "effect"
  | "handler"
  | "read"
  | "event"
  | "emit"
  | "host"
  | "secret"
  | "schedule"
  | "webhook"
  | "state"
  | "limit";

/** One thing that a plugin asks for, as its manifest comes to it. */
export interface Ask {
  kind: AskKind;
  subject: string;
  details: string[];
  reason: Words;
  required: boolean;
}

/** What an administrator granted. */
export interface Grants {
  hosts: string[];
  effects: string[];
  reads: string[];
  events: string[];
}

export interface Scheduled {
  name: string;
  runs: string;
  handler: string;
  reason: Words;
}

export interface Webhook {
  name: string;
  handler: string;
  is_signed: boolean;
  reason: Words;
}

export interface Setting {
  name: string;
  kind: string;
  label: Words;
  help?: Words | null;
  required: boolean;
  default?: unknown;
  values: string[];
  min?: number | null;
  max?: number | null;
}

/** What a plugin's manifest asks for and offers, as the catalogue tells it. */
export interface CatalogueEntry extends Omit<Entry, "settings"> {
  settings: Setting[];
  asks: Ask[];
  schedules: Scheduled[];
  webhooks: Webhook[];
  /** The newest first. */
  versions: string[];
  source: "registry" | "upload";
}

export type Standing = "needs_settings" | "active" | "needs_attention" | "suspended" | "disabled" | "removed";

type Generated = Answer<"/api/v1/integrations/installations/install", "post">;

export interface Installation extends Omit<Generated, "status" | "grants"> {
  status: Standing;
  grants: Grants;
  version_id: string | null;
  previous_version_id: string | null;
  waiting_version_id: string | null;
  waiting_asks: { asks: Ask[] } | null;
  updates_itself: boolean;
  makes_deliveries: boolean;
  removed_at: string | null;
}

export type Run = Answer<"/api/v1/integrations/installations/{id}/run", "post">;

interface Row {
  id: string;
  version: number;
  created_at: string;
  updated_at: string;
}

export interface Version extends Row {
  plugin: string;
  plugin_version: string;
  status: "checking" | "ready" | "refused" | "withdrawn";
  source: "registry" | "upload";
  publisher: string | null;
  trust: "operator" | "organization" | "unsigned";
  key_id: string | null;
  component_digest: string;
  size_bytes: number;
  readme: string | null;
  refused_code: string | null;
  refused_detail: string | null;
  added_by: string | null;
  checked_at: string | null;
}

export interface PublisherKey extends Row {
  publisher: string;
  public_key: string;
  status: "trusted" | "revoked";
  revoked_at: string | null;
  notes: string | null;
}

export type Circuit = "closed" | "open" | "probing";
export type Outcome = "ok" | "failure" | "fault";

export interface Handler extends Row {
  handler: string;
  kind: string;
  is_enabled: boolean;
  runs: string | null;
  next_at: string | null;
  last_at: string | null;
  last_outcome: Outcome | null;
  circuit: Circuit;
  failures: number;
  openings: number;
  open_until: string | null;
}

export interface Endpoint extends Row {
  name: string;
  status: "open" | "closed";
  rotation: number;
  last_received_at: string | null;
}

export interface Task extends Row {
  installation_id: string;
  plugin: string;
  handler: string;
  status: "queued" | "running" | "done" | "dead" | "discarded";
  origin: string;
  subject: string | null;
  attempts: number;
  next_at: string | null;
  finished_at: string | null;
  problem_code: string | null;
  problem_detail: string | null;
}

export interface Call extends Row {
  installation_id: string;
  task_id: string | null;
  run_id: string | null;
  plugin: string;
  plugin_version: string;
  component_digest: string;
  handler: string;
  attempt: number;
  outcome: Outcome;
  problem_code: string | null;
  problem_detail: string | null;
  started_at: string;
  wall_us: number;
  guest_us: number;
  fuel_used: number | null;
  memory_peak_bytes: number;
  host_calls: number;
  http_calls: number;
  records: number;
  output_digest: string | null;
  replayed_at: string | null;
  replay_equal: boolean | null;
}

/** What a plugin asked of its host during a call, and what it was answered; bodies by their length. */
export interface Step {
  after_us: number;
  call: string;
  asked: string;
  answered: string;
}

export interface LogLine {
  at: string;
  level: string;
  message: string;
  fields?: [string, string][];
}

export interface Recording {
  steps: Step[];
  lines: LogLine[];
  /** Why the call cannot be made again, where it cannot. */
  incomplete?: string | null;
}

export interface UsageDay {
  used_on: string;
  calls: number;
  failures: number;
  throttled: number;
  guest_us: number;
  wall_us: number;
  http_calls: number;
  records: number;
}
