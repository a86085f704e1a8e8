import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { Page } from "@/api/model";
import { api } from "@/lib/api";
import { today } from "@/lib/format";
import { isProblem } from "@/lib/problem";
import { act, POLL_MS } from "./plugin-api";
import type { Call, Endpoint, Handler, Outcome, Recording, Task, UsageDay } from "./shapes";

const CALLS = "/integrations/plugin_calls";
const TASKS = "/integrations/plugin_tasks";
const HANDLERS = "/integrations/plugin_handlers";
const ENDPOINTS = "/integrations/plugin_endpoints";

const PAGE = 25;
/** What happens by itself is looked at again now and then, while somebody looks. */
const GLANCE_MS = 15_000;

export interface CallFilter {
  installation_id?: string;
  run_id?: string;
  task_id?: string;
  outcome?: Outcome;
}

export const callsQuery = (filter: CallFilter) =>
  infiniteQueryOptions({
    queryKey: ["plugins", "calls", filter],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<Call>>(CALLS, { query: { ...filter, sort: "-started_at", limit: PAGE, after: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: GLANCE_MS,
  });

/** When it last did what it was asked to. */
export const lastSuccessQuery = (installationId: string) =>
  queryOptions({
    queryKey: ["plugins", "last-success", installationId],
    queryFn: async ({ signal }) => {
      const query = { installation_id: installationId, outcome: "ok", sort: "-started_at", limit: 1 };
      return (await api.get<Page<Call>>(CALLS, { query, signal })).data[0]?.started_at ?? null;
    },
  });

/** `before`: the replay that was known when another one was asked for; without it nothing is waited for. */
export const callQuery = (id: string, before?: string | null) =>
  queryOptions({
    queryKey: ["plugins", "call", id],
    queryFn: ({ signal }) => api.get<Call>(`${CALLS}/${id}`, { signal }),
    refetchInterval: ({ state }) => (before !== undefined && state.data?.replayed_at === before ? POLL_MS : false),
  });

export const recordingQuery = (id: string) =>
  queryOptions({
    queryKey: ["plugins", "recording", id],
    queryFn: ({ signal }) => api.get<Recording>(`${CALLS}/${id}/recording`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** What went in and out of a call is kept for some days, and of some calls never. */
export function isGone(error: unknown): boolean {
  return isProblem(error) && error.code === "plugin_recording_gone";
}

export const replay = (id: string) => act<{ id: string }>(`${CALLS}/${id}/replay`);

export interface TaskFilter {
  installation_id?: string;
  status: "dead" | "queued";
}

export const tasksQuery = (filter: TaskFilter) =>
  infiniteQueryOptions({
    queryKey: ["plugins", "tasks", filter],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<Task>>(TASKS, { query: { ...filter, sort: "-created_at", limit: PAGE, after: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: GLANCE_MS,
  });

/** How many there are, without their rows. */
export const taskCountQuery = (filter: TaskFilter) =>
  queryOptions({
    queryKey: ["plugins", "task-count", filter],
    queryFn: async ({ signal }) =>
      (await api.get<Page<Task>>(TASKS, { query: { ...filter, limit: 1, total: true }, signal })).total ?? 0,
  });

export const resend = (id: string) => act<Task>(`${TASKS}/${id}/resend`);
export const discard = (id: string) => act<Task>(`${TASKS}/${id}/discard`);

export const handlersQuery = (installationId: string) =>
  queryOptions({
    queryKey: ["plugins", "handlers", installationId],
    queryFn: async ({ signal }) => {
      const query = { installation_id: installationId, limit: 100 };
      return (await api.get<Page<Handler>>(HANDLERS, { query, signal })).data;
    },
    refetchInterval: GLANCE_MS,
  });

export const closeCircuit = (id: string) => act<Handler>(`${HANDLERS}/${id}/close`);

export const endpointsQuery = (installationId: string) =>
  queryOptions({
    queryKey: ["plugins", "endpoints", installationId],
    queryFn: async ({ signal }) => {
      const query = { installation_id: installationId, limit: 100 };
      return (await api.get<Page<Endpoint>>(ENDPOINTS, { query, signal })).data;
    },
  });

export const addressQuery = (endpoint: Endpoint) =>
  queryOptions({
    queryKey: ["plugins", "address", endpoint.id, endpoint.rotation],
    queryFn: ({ signal }) => api.get<{ path: string }>(`${ENDPOINTS}/${endpoint.id}/address`, { signal }),
  });

export type EndpointChange = "open" | "close" | "rotate";
export const changeEndpoint = (id: string, change: EndpointChange) => act<Endpoint>(`${ENDPOINTS}/${id}/${change}`);

export const USAGE_DAYS = 30;

export const usageQuery = (installationId: string) =>
  queryOptions({
    queryKey: ["plugins", "usage", installationId],
    queryFn: async ({ signal }) => {
      const query = {
        installation_id: installationId,
        "used_on.gte": today(1 - USAGE_DAYS),
        sort: "used_on",
        limit: 100,
      };
      return (await api.get<Page<UsageDay>>("/integrations/plugin_usage_days", { query, signal })).data;
    },
  });
