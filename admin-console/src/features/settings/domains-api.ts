import { queryOptions } from "@tanstack/react-query";
import type { Answer } from "@/api/answer";
import { answerOf, client } from "@/lib/api";
import { queryClient } from "@/lib/query";

export type Domain = Answer<"/api/v1/organization/domains", "get">["data"][number];

export const domainsQuery = queryOptions({
  queryKey: ["organization", "domains"],
  queryFn: async () => (await answerOf(client.GET("/api/v1/organization/domains"))).data,
});

const renewed = () => queryClient.invalidateQueries({ queryKey: domainsQuery.queryKey });

export async function addDomain(domain: string): Promise<Domain> {
  const added = await answerOf(client.POST("/api/v1/organization/domains", { body: { domain } }));
  await renewed();
  return added;
}

export async function verifyDomain(id: string) {
  // Also a look that found nothing is kept: the page says when it was.
  await answerOf(
    client.POST("/api/v1/organization/domains/{id}/verify", { params: { path: { id } }, body: {} }),
  ).finally(renewed);
}

export async function setJoining(id: string, provider: string | null) {
  await answerOf(
    client.POST("/api/v1/organization/domains/{id}/joining", { params: { path: { id } }, body: { provider } }),
  );
  await renewed();
}

export async function removeDomain(id: string) {
  await client.DELETE("/api/v1/organization/domains/{id}", { params: { path: { id } } });
  await renewed();
}
