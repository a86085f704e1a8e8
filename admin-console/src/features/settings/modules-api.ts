import { queryOptions } from "@tanstack/react-query";
import type { Answer } from "@/api/answer";
import { answerOf, client } from "@/lib/api";
import { queryClient } from "@/lib/query";
import type { Past } from "./organization-api";

export type Module = Answer<"/api/v1/organization/modules", "get">["data"][number];

export const modulesQuery = queryOptions({
  queryKey: ["organization", "modules"],
  queryFn: async () => (await answerOf(client.GET("/api/v1/organization/modules"))).data,
});

export const modulesHistoryQuery = queryOptions({
  queryKey: ["organization", "modules", "history"],
  queryFn: async () => (await answerOf(client.GET("/api/v1/organization/modules/history"))).data as Past[],
});

export async function switchModule(name: string, on: boolean) {
  const params = { params: { path: { name } }, body: {} };
  await answerOf(
    on
      ? client.POST("/api/v1/organization/modules/{name}/enable", params)
      : client.POST("/api/v1/organization/modules/{name}/disable", params),
  );
  // Permissions, menu and figures are others now.
  await queryClient.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "locales" });
}
