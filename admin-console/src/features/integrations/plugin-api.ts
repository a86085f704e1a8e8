import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { Page } from "@/api/model";
import { answerOf, api, client } from "@/lib/api";
import { randomKey } from "@/lib/id";
import { queryClient } from "@/lib/query";
import { isUpdating } from "./mend";
import type { CatalogueEntry, Grants, Installation, Run } from "./shapes";

export const POLL_MS = 1_000;
const BASE = "/integrations/installations";
const RUNS = "/api/v1/integrations/runs";

export const catalogueOfPlugins = queryOptions({
  queryKey: ["plugins", "catalogue"],
  queryFn: async ({ signal }) =>
    (await api.get<{ data: CatalogueEntry[] }>("/integrations/catalogue", { signal })).data,
});

/** What one version asks for and offers: the one that runs, or the one that waits, may not be the newest. */
export const offerQuery = (versionId: string) =>
  queryOptions({
    queryKey: ["plugins", "offer", versionId],
    queryFn: ({ signal }) => api.get<CatalogueEntry>(`/integrations/plugin_versions/${versionId}/offer`, { signal }),
  });

export const installationsQuery = queryOptions({
  queryKey: ["plugins", "installations"],
  queryFn: async ({ signal }) => (await api.get<Page<Installation>>(BASE, { query: { limit: 100 }, signal })).data,
});

export const installationQuery = (id: string) =>
  queryOptions({
    queryKey: ["plugins", "installation", id],
    queryFn: ({ signal }) => api.get<Installation>(`${BASE}/${id}`, { signal }),
    refetchInterval: (query) => (query.state.data && isUpdating(query.state.data) ? POLL_MS : false),
  });

export function isGoing(run: Run): boolean {
  return run.status === "queued" || run.status === "running";
}

// Lists and single rows come from the engine, whose document knows each field as one that may be missing; a run always has
// all of them, as the operation that makes it says.
export const runsQuery = (installationId: string) =>
  queryOptions({
    queryKey: ["plugins", "runs", installationId],
    queryFn: async ({ signal }) => {
      const query = { installation_id: installationId, limit: 20 };
      return (await answerOf(client.GET(RUNS, { params: { query }, signal }))).data as Run[];
    },
    refetchInterval: (query) => (query.state.data?.some(isGoing) ? POLL_MS : false),
  });

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ["plugins", "run", id],
    queryFn: async ({ signal }) =>
      (await answerOf(client.GET(`${RUNS}/{id}`, { params: { path: { id } }, signal }))) as Run,
    refetchInterval: (query) => (query.state.data && !isGoing(query.state.data) ? false : POLL_MS),
  });

export const runLogQuery = (id: string, going: boolean) =>
  infiniteQueryOptions({
    queryKey: ["plugins", "log", id],
    queryFn: ({ pageParam, signal }) => {
      const query = pageParam === undefined ? {} : { after: pageParam };
      return answerOf(client.GET(`${RUNS}/{id}/log`, { params: { path: { id }, query }, signal }));
    },
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: going ? POLL_MS : false,
  });

/** After a write everything about plugins may be old. */
export async function changed<T>(work: Promise<T>): Promise<T> {
  const result = await work;
  await queryClient.invalidateQueries({ queryKey: ["plugins"] });
  return result;
}

/** One thing done with one row, once, however often the request is sent. */
export const act = <T>(path: string, body: object = {}) =>
  changed(api.post<T>(path, { body, headers: { "Idempotency-Key": randomKey() } }));

export const install = (plugin: string, grants: Grants) => act<Installation>(`${BASE}/install`, { plugin, grants });

export const grant = (id: string, grants: Grants, acceptsUpdate = false) =>
  act<Installation>(`${BASE}/${id}/grant`, acceptsUpdate ? { ...grants, accepts_update: true } : grants);

export interface Configuration {
  settings?: Record<string, unknown>;
  secrets?: Record<string, string | null>;
  makes_deliveries?: boolean;
  updates_itself?: boolean;
}

export const configure = (id: string, configuration: Configuration) =>
  act<Installation>(`${BASE}/${id}/configure`, configuration);

export const setEnabled = (id: string, enabled: boolean) =>
  act<Installation>(`${BASE}/${id}/${enabled ? "enable" : "disable"}`);

export const startRun = (id: string) => act<Run>(`${BASE}/${id}/run`);

export const upgrade = (id: string, version?: string) =>
  act<Installation>(`${BASE}/${id}/upgrade`, version ? { plugin_version: version } : {});

export const rollBack = (id: string) => act<Installation>(`${BASE}/${id}/roll_back`);

export const uninstall = (id: string, withData: boolean) =>
  act<Installation>(`${BASE}/${id}/uninstall`, { with_data: withData });
