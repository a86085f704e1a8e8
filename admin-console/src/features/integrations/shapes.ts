import type { Answer } from "@/api/answer";
import type { paths } from "@/api/schema";

type Offer = Answer<"/api/v1/integrations/catalogue", "get">["data"][number];
type Made = Answer<"/api/v1/integrations/installations/install", "post">;
type Shown = Answer<"/api/v1/integrations/plugin_calls/{id}/recording", "get">;

// Single rows come from the engine, whose document knows each field as one that may be missing: to whoever may not read it.
// Whoever opens these pages reads all of them.
type RowOf<P extends keyof paths> = Required<Omit<Answer<P, "get">, `${string}_title`>>;

export type Words = Offer["title"];

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

/** One thing that a plugin asks for; the document leaves its shape open. */
export interface Ask {
  kind: AskKind;
  subject: string;
  details: string[];
  reason: Words;
  required: boolean;
}

/** What an administrator granted. */
export type Grants = Required<Made["grants"]>;

/** What a plugin's manifest asks for and offers, as the catalogue tells it. */
export type CatalogueEntry = Omit<Offer, "asks"> & { asks: Ask[] };
export type Setting = Offer["settings"][number];
export type Webhook = Offer["webhooks"][number];

export type Installation = Omit<Made, "grants" | "waiting_asks"> & {
  grants: Grants;
  waiting_asks?: { asks: Ask[] } | null;
};
export type Standing = Installation["status"];

export type Run = Answer<"/api/v1/integrations/installations/{id}/run", "post">;
export type Version = Omit<RowOf<"/api/v1/integrations/plugin_versions/{id}">, "manifest">;
export type PublisherKey = RowOf<"/api/v1/integrations/plugin_keys/{id}">;
export type Handler = RowOf<"/api/v1/integrations/plugin_handlers/{id}">;
export type Endpoint = RowOf<"/api/v1/integrations/plugin_endpoints/{id}">;
export type Task = RowOf<"/api/v1/integrations/plugin_tasks/{id}">;
export type Call = RowOf<"/api/v1/integrations/plugin_calls/{id}">;
export type UsageDay = RowOf<"/api/v1/integrations/plugin_usage_days/{id}">;
export type Circuit = Handler["circuit"];
export type Outcome = Call["outcome"];

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

export type Recording = Omit<Shown, "steps" | "lines"> & { steps: Step[]; lines: LogLine[] };
