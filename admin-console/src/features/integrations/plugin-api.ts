import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { Answer } from "@/api/answer";
import { answerOf, client } from "@/lib/api";
import { queryClient } from "@/lib/query";

type CatalogueAnswer = Answer<"/api/v1/integrations/catalogue", "get">;

/** What a plugin's manifest asks for and offers, as the catalogue tells it. */
export type CatalogueEntry = CatalogueAnswer["data"][number];
export type Setting = CatalogueEntry["settings"][number];
export type Installation = Answer<"/api/v1/integrations/installations/install", "post">;
export type Run = Answer<"/api/v1/integrations/installations/{id}/run", "post">;

const POLL_MS = 1_000;
const BASE = "/api/v1/integrations/installations";
const RUNS = "/api/v1/integrations/runs";

export const catalogueOfPlugins = queryOptions({
  queryKey: ["plugins", "catalogue"],
  queryFn: async ({ signal }) => (await answerOf(client.GET("/api/v1/integrations/catalogue", { signal }))).data,
});

// Lists and single rows come from the engine, whose document knows each field as one that may be missing; an
// installation or a run always has all of them, as the operations that make them say.
export const installationsQuery = queryOptions({
  queryKey: ["plugins", "installations"],
  queryFn: async ({ signal }) =>
    (await answerOf(client.GET(BASE, { params: { query: { limit: 100 } }, signal }))).data as Installation[],
});

const byId = (id: string) => ({ params: { path: { id } } });

export const installationQuery = (id: string) =>
  queryOptions({
    queryKey: ["plugins", "installation", id],
    queryFn: async ({ signal }) =>
      (await answerOf(client.GET(`${BASE}/{id}`, { ...byId(id), signal }))) as Installation,
  });

export function isGoing(run: Run): boolean {
  return run.status === "queued" || run.status === "running";
}

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
    queryFn: async ({ signal }) => (await answerOf(client.GET(`${RUNS}/{id}`, { ...byId(id), signal }))) as Run,
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

async function changed<T>(work: Promise<T>): Promise<T> {
  const result = await work;
  await queryClient.invalidateQueries({ queryKey: ["plugins"] });
  return result;
}

export type Grants = Installation["grants"];

export const install = (plugin: string, grants: Grants) =>
  changed(answerOf(client.POST(`${BASE}/install`, { body: { plugin, grants } })));

export const grant = (id: string, grants: Grants) =>
  changed(answerOf(client.POST(`${BASE}/{id}/grant`, { ...byId(id), body: grants })));

export const configure = (id: string, settings: Record<string, unknown>, secrets: Record<string, string | null>) =>
  changed(answerOf(client.POST(`${BASE}/{id}/configure`, { ...byId(id), body: { settings, secrets } })));

export const setEnabled = (id: string, enabled: boolean) =>
  changed(answerOf(client.POST(enabled ? `${BASE}/{id}/enable` : `${BASE}/{id}/disable`, { ...byId(id), body: {} })));

export const startRun = (id: string) => changed(answerOf(client.POST(`${BASE}/{id}/run`, { ...byId(id), body: {} })));
