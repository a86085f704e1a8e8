/** What the server says about itself and its rows. Everything the console draws starts from these. */

export type KindName =
  | "text"
  | "long_text"
  | "choice"
  | "integer"
  | "decimal"
  | "money"
  | "date"
  | "instant"
  | "boolean"
  | "reference"
  | "member"
  | "time"
  | "json"
  | "file"
  | "phone"
  | "email"
  | "iban"
  | "national_id"
  | "plate";

export interface Field {
  name: string;
  kind: KindName;
  required?: boolean;
  unique?: boolean;
  search?: boolean;
  filter?: boolean;
  list?: boolean;
  read_only?: boolean;
  create_only?: boolean;
  /** Whether this caller may write it at all. */
  writable?: boolean;
  /** As text, whatever the kind. */
  default?: string | null;
  max?: number | string | null;
  min?: number | string | null;
  scale?: number | null;
  values?: string[] | null;
  /** The resource a reference points at: "fleet.vehicles". */
  to?: string | null;
  unit?: string | null;
  /** A value that fits, in the form a person would type. */
  example?: string | null;
  /** Fields of one subject stand together; the catalogue names it. */
  group?: string | null;
}

export interface Action {
  name: string;
  inputs?: Field[];
  when?: { field: string; values: string[] } | null;
  danger?: boolean;
}

/** What an operation that searches everything answers: a row by its resource. */
export interface Found {
  resource: string;
  id: string;
  title: string | null;
}

export type Verb = "list" | "read" | "create" | "update" | "delete" | "import" | "export" | "history" | "bulk";

export interface Resource {
  module: string;
  name: string;
  path: string;
  title: string[];
  /** The order of a list that asks for none. */
  sort?: string | null;
  verbs: Verb[];
  fields: Field[];
  actions?: Action[];
}

export interface Description {
  modules: { name: string; resources: Resource[] }[];
}

export interface Row {
  id: string;
  version: number;
  created_at: string;
  updated_at: string;
  [field: string]: unknown;
}

export interface Page<T> {
  data: T[];
  next: string | null;
  total?: number;
}

export interface ResourceLabels {
  one: string;
  many: string;
  fields?: Record<string, { label: string; help?: string }>;
  choices?: Record<string, Record<string, string>>;
  actions?: Record<string, string>;
  groups?: Record<string, string>;
}

export interface Catalogue {
  module?: Record<string, string>;
  resource?: Record<string, ResourceLabels>;
  problem?: Record<string, string>;
  role?: Record<string, string>;
  membership?: Record<string, string>;
}

export interface HistoryEntry {
  at: string;
  actor: { id: string; name: string } | null;
  verb: string;
  changes: Record<string, { before?: unknown; after?: unknown }> | null;
}

export interface Option {
  id: string;
  title: string;
}
