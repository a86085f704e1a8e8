import { queryOptions } from "@tanstack/react-query";
import type { Answer } from "@/api/answer";
import { meQuery } from "@/lib/account";
import { answerOf, api, client } from "@/lib/api";
import { queryClient } from "@/lib/query";

export type Settings = Answer<"/api/v1/organization", "get">;

/** What whoever may change the settings can change; everything else is the operator's. */
export type Draft = Partial<
  Pick<Settings, "name" | "currency" | "time_zone" | "locale" | "calendar" | "week_start" | "logo_file_id">
>;

/** One time that settings or modules changed. */
export interface Past {
  at: string;
  by_name: string;
  changes: Record<string, { before?: unknown; after?: unknown }>;
}

export const settingsQuery = queryOptions({
  queryKey: ["organization", "settings"],
  queryFn: () => answerOf(client.GET("/api/v1/organization")),
});

export const settingsHistoryQuery = queryOptions({
  queryKey: ["organization", "history"],
  queryFn: async () => (await answerOf(client.GET("/api/v1/organization/history"))).data as Past[],
});

export async function saveSettings(draft: Draft, version: number): Promise<Settings> {
  const saved = await api.patch<Settings>("/organization", {
    body: draft,
    headers: { "If-Match": `"${version}"` },
  });
  queryClient.setQueryData(settingsQuery.queryKey, saved);
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: settingsHistoryQuery.queryKey }),
    // Name, currency, zone, calendar and week reach every page by this answer.
    queryClient.invalidateQueries({ queryKey: meQuery.queryKey }),
  ]);
  return saved;
}
