import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { KindName, Page } from "@/api/model";
import { api } from "@/lib/api";
import type { Localized } from "@/lib/localized";
import { queryClient } from "@/lib/query";

/** What a plugin's manifest asks for and offers, as the catalogue tells it. */
export interface CatalogueEntry {
  name: string;
  version: string;
  title: Localized;
  description: Localized;
  publisher: string;
  handlers: string[];
  hosts: HostAsk[];
  reads: { resource: string; fields: string[]; reason: Localized }[];
  effects: string[];
  settings: Setting[];
  secrets: { name: string; label: Localized; help?: Localized; hosts: string[]; required?: boolean }[];
  installation_id: string | null;
}

export interface HostAsk {
  /** What is granted: a name, or `{setting:…}` for whatever host that setting names. */
  host: string;
  /** What that comes to now. */
  resolved?: string | null;
  reason: Localized;
  required: boolean;
}

export interface Setting {
  name: string;
  kind: KindName;
  label: Localized;
  help?: Localized;
  required: boolean;
  default?: unknown;
  values?: string[] | null;
}

export interface Installation {
  id: string;
  plugin: string;
  plugin_version: string;
  status: "needs_settings" | "active" | "needs_attention" | "disabled";
  status_reason: string | null;
  status_detail?: string | null;
  grants: { hosts?: string[]; effects?: string[] } | null;
  settings: Record<string, unknown> | null;
  secrets_set: string[] | null;
  last_run_at: string | null;
}

export interface Run {
  id: string;
  installation_id: string;
  status: "queued" | "running" | "succeeded" | "failed" | "interrupted";
  started_at: string | null;
  finished_at: string | null;
  created_at?: string;
  pages: number | null;
  received: number | null;
  created: number | null;
  unchanged: number | null;
  updated?: number | null;
  refused?: number | null;
  matched: number | null;
  doubtful: number | null;
  unmatched: number | null;
  problem_code: string | null;
  problem_detail: string | null;
}

export interface LogLine {
  at: string;
  level: string;
  message: string;
}

const POLL_MS = 1_000;
const BASE = "/integrations/installations";

export const catalogueOfPlugins = queryOptions({
  queryKey: ["plugins", "catalogue"],
  queryFn: async ({ signal }) =>
    (await api.get<{ data: CatalogueEntry[] }>("/integrations/catalogue", { signal })).data,
});

export const installationsQuery = queryOptions({
  queryKey: ["plugins", "installations"],
  queryFn: async ({ signal }) => (await api.get<Page<Installation>>(BASE, { query: { limit: 100 }, signal })).data,
});

export const installationQuery = (id: string) =>
  queryOptions({
    queryKey: ["plugins", "installation", id],
    queryFn: ({ signal }) => api.get<Installation>(`${BASE}/${id}`, { signal }),
  });

export function isGoing(run: Run): boolean {
  return run.status === "queued" || run.status === "running";
}

export const runsQuery = (installationId: string) =>
  queryOptions({
    queryKey: ["plugins", "runs", installationId],
    queryFn: async ({ signal }) => {
      const query = { installation_id: installationId, sort: "-started_at", limit: 20 };
      return (await api.get<Page<Run>>("/integrations/runs", { query, signal })).data;
    },
    refetchInterval: (query) => (query.state.data?.some(isGoing) ? POLL_MS : false),
  });

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ["plugins", "run", id],
    queryFn: ({ signal }) => api.get<Run>(`/integrations/runs/${id}`, { signal }),
    refetchInterval: (query) => (query.state.data && !isGoing(query.state.data) ? false : POLL_MS),
  });

export const runLogQuery = (id: string, going: boolean) =>
  infiniteQueryOptions({
    queryKey: ["plugins", "log", id],
    queryFn: ({ pageParam, signal }) =>
      api.get<{ data: LogLine[]; next?: number | null }>(`/integrations/runs/${id}/log`, {
        query: { after: pageParam },
        signal,
      }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: going ? POLL_MS : false,
  });

async function changed<T>(work: Promise<T>): Promise<T> {
  const result = await work;
  await queryClient.invalidateQueries({ queryKey: ["plugins"] });
  return result;
}

export interface Grants {
  hosts: string[];
  effects: string[];
}

export const install = (plugin: string, grants: Grants) =>
  changed(api.post<Installation>(`${BASE}/install`, { body: { plugin, grants } }));

export const grant = (id: string, grants: Grants) => changed(api.post(`${BASE}/${id}/grant`, { body: grants }));

export const configure = (id: string, settings: object, secrets: Record<string, string | null>) =>
  changed(api.post<Installation>(`${BASE}/${id}/configure`, { body: { settings, secrets } }));

export const setEnabled = (id: string, enabled: boolean) =>
  changed(api.post(`${BASE}/${id}/${enabled ? "enable" : "disable"}`, { body: {} }));

export const startRun = (id: string) => changed(api.post<Run>(`${BASE}/${id}/run`, { body: {} }));
