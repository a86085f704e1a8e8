import { queryOptions } from "@tanstack/react-query";
import type { Answer } from "@/api/answer";
import { answerOf, client } from "@/lib/api";
import { queryClient } from "@/lib/query";

export type Parent = Answer<"/api/v1/organization/parent", "get">;
export type Child = Answer<"/api/v1/organization/children", "get">["data"][number];
export type JoinCode = Answer<"/api/v1/organization/children/codes", "post">;

export const parentQuery = queryOptions({
  queryKey: ["organization", "parent"],
  queryFn: () => answerOf(client.GET("/api/v1/organization/parent")),
});

export const childrenQuery = queryOptions({
  queryKey: ["organization", "children"],
  queryFn: async () => (await answerOf(client.GET("/api/v1/organization/children"))).data,
});

/** Each of these answers with what is above now. */
async function parentIs(call: Promise<{ data?: Parent }>): Promise<Parent> {
  const parent = await answerOf(call);
  queryClient.setQueryData(parentQuery.queryKey, parent);
  return parent;
}

export const joinGroup = (code: string) =>
  parentIs(client.POST("/api/v1/organization/parent", { body: { code: code.trim() } }));
export const leaveGroup = () => parentIs(client.POST("/api/v1/organization/parent/leave", { body: {} }));
export const letLookIn = (days: number) =>
  parentIs(client.POST("/api/v1/organization/parent/grant", { body: { days } }));
export const letLookInNoMore = () => parentIs(client.POST("/api/v1/organization/parent/revoke", { body: {} }));

export const makeCode = () => answerOf(client.POST("/api/v1/organization/children/codes", { body: {} }));

export async function releaseChild(id: string) {
  const params = { path: { id } };
  const left = await answerOf(client.POST("/api/v1/organization/children/{id}/release", { params, body: {} }));
  queryClient.setQueryData(childrenQuery.queryKey, left.data);
}

/** Makes the caller a visitor there; then the session can be switched to it. */
export async function enterChild(id: string): Promise<string> {
  const params = { path: { id } };
  const entered = await answerOf(client.POST("/api/v1/organization/children/{id}/enter", { params, body: {} }));
  return entered.organization_id;
}
