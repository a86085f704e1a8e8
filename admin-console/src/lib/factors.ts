import { queryOptions } from "@tanstack/react-query";
import type { Answer } from "@/api/answer";
import { answerOf, client } from "./api";

export type Factors = Answer<"/api/v1/auth/factors", "get">;

/** What the signed-in person can sign in with. */
export const factorsQuery = queryOptions({
  queryKey: ["factors"],
  queryFn: () => answerOf(client.GET("/api/v1/auth/factors")),
});

/** Where people may sign in besides here. */
export const providersQuery = queryOptions({
  queryKey: ["auth-providers"],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async () => (await answerOf(client.GET("/api/v1/auth/providers"))).data,
});

/** How people sign up here, and how long a new password has to be. */
export const signUpQuery = queryOptions({
  queryKey: ["auth-settings"],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: () => answerOf(client.GET("/api/v1/auth/settings")),
});
