import { queryOptions } from "@tanstack/react-query";
import type { Answer } from "@/api/answer";
import { answerOf, client } from "@/lib/api";
import { queryClient } from "@/lib/query";

export type Member = Answer<"/api/v1/tenancy/members", "get">["data"][number];
export type MemberSession = Answer<"/api/v1/tenancy/members/{user_id}/sessions", "get">["data"][number];
export type Invitation = Answer<"/api/v1/tenancy/invitations", "get">["data"][number];
export type Role = Answer<"/api/v1/roles", "get">["data"][number];
export type RoleChange = Answer<"/api/v1/roles/{id}/history", "get">["data"][number];
export type ApiKey = Answer<"/api/v1/tenancy/api_keys", "get">["data"][number];
export type Issued = Answer<"/api/v1/tenancy/api_keys", "post">;
export type ServiceAccount = Answer<"/api/v1/tenancy/service_accounts", "get">["data"][number];

/** What somebody is in the organization: how much of it he runs, and what his job needs. */
export interface Position {
  membership: string;
  roles: string[];
}

const PAGE = 100;
/** A list that is searched here is fetched whole; no company is near this. */
const MOST_PAGES = 50;

/** All pages of a list that the server neither searches nor filters. */
async function whole<T>(page: (after: string | undefined) => Promise<{ data: T[]; next?: string | null }>) {
  const all: T[] = [];
  let after: string | undefined;
  for (let count = 0; count < MOST_PAGES; count += 1) {
    const { data, next } = await page(after);
    all.push(...data);
    if (!next) break;
    after = next;
  }
  return all;
}

const pageOf = (after: string | undefined) => ({ limit: PAGE, ...(after ? { after } : {}) });
const byId = (id: string) => ({ params: { path: { id } } });
const byMember = (user_id: string) => ({ params: { path: { user_id } } });

export const accessQueries = {
  members: queryOptions({
    queryKey: ["access", "members"],
    queryFn: ({ signal }) =>
      whole((after) => answerOf(client.GET("/api/v1/tenancy/members", { params: { query: pageOf(after) }, signal }))),
  }),
  sessions: (userId: string) =>
    queryOptions({
      queryKey: ["access", "sessions", userId],
      queryFn: async ({ signal }) =>
        (await answerOf(client.GET("/api/v1/tenancy/members/{user_id}/sessions", { ...byMember(userId), signal })))
          .data,
    }),
  invitations: queryOptions({
    queryKey: ["access", "invitations"],
    queryFn: ({ signal }) =>
      whole((after) =>
        answerOf(client.GET("/api/v1/tenancy/invitations", { params: { query: pageOf(after) }, signal })),
      ),
  }),
  /** Everything that can be allowed, and what of it the caller may give. It only changes with his own position. */
  permissions: queryOptions({
    queryKey: ["access", "permissions"],
    staleTime: 60_000,
    queryFn: async ({ signal }) => (await answerOf(client.GET("/api/v1/permissions", { signal }))).data,
  }),
  roles: queryOptions({
    queryKey: ["access", "roles"],
    queryFn: async ({ signal }) => (await answerOf(client.GET("/api/v1/roles", { signal }))).data,
  }),
  role: (id: string) =>
    queryOptions({
      queryKey: ["access", "role", id],
      queryFn: ({ signal }) => answerOf(client.GET("/api/v1/roles/{id}", { ...byId(id), signal })),
    }),
  roleHistory: (id: string) =>
    queryOptions({
      queryKey: ["access", "role_history", id],
      queryFn: async ({ signal }) =>
        (await answerOf(client.GET("/api/v1/roles/{id}/history", { ...byId(id), signal }))).data,
    }),
  keys: queryOptions({
    queryKey: ["access", "keys"],
    queryFn: ({ signal }) =>
      whole((after) => answerOf(client.GET("/api/v1/tenancy/api_keys", { params: { query: pageOf(after) }, signal }))),
  }),
  accounts: queryOptions({
    queryKey: ["access", "accounts"],
    queryFn: async ({ signal }) => (await answerOf(client.GET("/api/v1/tenancy/service_accounts", { signal }))).data,
  }),
};

/** What is shown follows every change: who holds a role is counted in several lists. */
export const accessChanged = () => queryClient.invalidateQueries({ queryKey: ["access"] });

async function changed<T>(work: Promise<T>): Promise<T> {
  const result = await work;
  await accessChanged();
  return result;
}

/** Without a new look at the lists: for one of several in a row. */
export const setPosition = (userId: string, position: Partial<Position>) =>
  answerOf(client.POST("/api/v1/tenancy/members/{user_id}/roles", { ...byMember(userId), body: position }));

export const suspend = (userId: string) =>
  changed(answerOf(client.POST("/api/v1/tenancy/members/{user_id}/suspend", { ...byMember(userId), body: {} })));

export const reinstate = (userId: string) =>
  changed(answerOf(client.POST("/api/v1/tenancy/members/{user_id}/reinstate", { ...byMember(userId), body: {} })));

/** Without a new look at the lists: what shows the member is to be closed first. */
export const removeMember = (userId: string) =>
  answerOf(client.POST("/api/v1/tenancy/members/{user_id}/remove", { ...byMember(userId), body: {} }));

export const endSessions = (userId: string) =>
  changed(answerOf(client.POST("/api/v1/tenancy/members/{user_id}/sessions/end", { ...byMember(userId), body: {} })));

export const endSession = (user_id: string, id: string) =>
  changed(
    answerOf(
      client.POST("/api/v1/tenancy/members/{user_id}/sessions/{id}/end", {
        params: { path: { user_id, id } },
        body: {},
      }),
    ),
  );

/** Without a new look at the lists: for one of several in a row. */
export const invite = (body: Position & { email: string; locale: string }) =>
  answerOf(client.POST("/api/v1/tenancy/invitations", { body }));

export const resendInvitation = (id: string) =>
  changed(answerOf(client.POST("/api/v1/tenancy/invitations/{id}/resend", { ...byId(id), body: {} })));

export const withdrawInvitation = (id: string) =>
  changed(answerOf(client.POST("/api/v1/tenancy/invitations/{id}/withdraw", { ...byId(id), body: {} })));

interface RoleInput {
  name: string;
  description: string;
  permissions: { name: string; scope: string }[];
}

export const createRole = (body: RoleInput) => changed(answerOf(client.POST("/api/v1/roles", { body })));

export const changeRole = (id: string, body: RoleInput & { version: number | null }) =>
  changed(answerOf(client.POST("/api/v1/roles/{id}/change", { ...byId(id), body })));

/** Without a new look at the lists: the page of the role is to be left first. */
export const deleteRole = (id: string) => answerOf(client.POST("/api/v1/roles/{id}/delete", { ...byId(id), body: {} }));

interface KeyInput {
  name: string;
  service_account_id: string | null;
  scopes: string[];
  expires_at: string;
  requests_per_minute: number;
}

export const createKey = (body: KeyInput) => changed(answerOf(client.POST("/api/v1/tenancy/api_keys", { body })));

export const rotateKey = (id: string, overlap_s: number) =>
  changed(answerOf(client.POST("/api/v1/tenancy/api_keys/{id}/rotate", { ...byId(id), body: { overlap_s } })));

export const revokeKey = (id: string) =>
  changed(answerOf(client.POST("/api/v1/tenancy/api_keys/{id}/revoke", { ...byId(id), body: {} })));

export const createAccount = (body: Position & { name: string }) =>
  changed(answerOf(client.POST("/api/v1/tenancy/service_accounts", { body })));

export const removeAccount = (id: string) =>
  changed(answerOf(client.POST("/api/v1/tenancy/service_accounts/{id}/remove", { ...byId(id), body: {} })));
