import { queryOptions } from "@tanstack/react-query";
import type { Answer } from "@/api/answer";
import { answerOf, client } from "@/lib/api";
import { queryClient } from "@/lib/query";

export type Grant = Answer<"/api/v1/support/grants", "get">["data"][number];

export const grantsQuery = queryOptions({
  queryKey: ["organization", "support"],
  queryFn: async () => (await answerOf(client.GET("/api/v1/support/grants"))).data,
});

const renewed = () => queryClient.invalidateQueries({ queryKey: grantsQuery.queryKey });

export async function letSupportIn(reason: string, minutes: number): Promise<Grant> {
  const grant = await answerOf(client.POST("/api/v1/support/grants", { body: { reason, minutes } }));
  await renewed();
  return grant;
}

export async function showSupportOut(id: string) {
  await answerOf(client.POST("/api/v1/support/grants/{id}/end", { params: { path: { id } }, body: {} }));
  await renewed();
}

/** Where support comes in; both ids are needed, and an account of the operator's staff. */
export function addressOf(grant: Grant): string {
  const parameters = new URLSearchParams({ organization: grant.organization_id, grant: grant.id });
  return `${window.location.origin}/enter-support?${parameters}`;
}
