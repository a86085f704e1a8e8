import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { Answer } from "@/api/answer";
import { api, download, type QueryValue } from "@/lib/api";
import { fromLocalInput } from "@/lib/calendar";
import { timeZone } from "@/lib/format";

export type Entry = Answer<"/api/v1/audit", "get">["data"][number];
type Page = Answer<"/api/v1/audit", "get">;

/** What is looked for, as it stands in the address: days where the server takes moments. */
export interface Wanted {
  actor?: string;
  verb?: string;
  resource?: string;
  record?: string;
  from?: string;
  to?: string;
  text?: string;
}

export const WANTED = ["actor", "verb", "resource", "record", "from", "to", "text"] as const;

const isDay = (text: string | undefined) => /^\d{4}-\d{2}-\d{2}$/.test(text ?? "");

/** A day begins at midnight of the organization's clock; "to" is the last day, the server's is the first moment after. */
function asQuery({ from, to, ...rest }: Wanted): Record<string, QueryValue> {
  const zone = timeZone();
  return {
    ...rest,
    from: from && isDay(from) ? fromLocalInput(`${from}T00:00`, zone) : undefined,
    to: to && isDay(to) ? fromLocalInput(`${dayAfter(to)}T00:00`, zone) : undefined,
  };
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

export const auditQuery = (wanted: Wanted) =>
  infiniteQueryOptions({
    queryKey: ["audit", "list", wanted],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page>("/audit", { query: { ...asQuery(wanted), after: pageParam, limit: 50 }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });

/** The newest entry says how far the chain reaches. */
export const chainQuery = queryOptions({
  queryKey: ["audit", "chain"],
  queryFn: async ({ signal }) => (await api.get<Page>("/audit", { query: { limit: 1 }, signal })).data[0] ?? null,
});

export const saveAudit = (wanted: Wanted, format: "csv" | "ndjson") =>
  download("/audit/export", { ...asQuery(wanted), format }, `audit.${format}`);
