import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import type { Answer } from "@/api/answer";
import type { Description, Resource } from "@/api/model";
import { answerOf, api, client } from "./api";
import { setTimeZone } from "./format";
import { setOrganizationCalendar } from "./preferences";
import { setWeekStart } from "./week";

/** Servers before the first day of the week and the logo were settings do not say them. */
export type Me = Answer<"/api/v1/auth/me", "get"> & {
  organization: { week_start?: string; logo_file_id?: string | null };
};

export const meQuery = queryOptions({
  queryKey: ["me"],
  staleTime: 5 * 60_000,
  queryFn: async () => {
    const me: Me = await answerOf(client.GET("/api/v1/auth/me"));
    if (me.organization.time_zone) setTimeZone(me.organization.time_zone);
    setOrganizationCalendar(me.organization.calendar);
    setWeekStart(me.organization.week_start ?? "sunday");
    return me;
  },
});

export const descriptionQuery = queryOptions({
  queryKey: ["description"],
  staleTime: 5 * 60_000,
  queryFn: () => api.get<Description>("/description"),
});

export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}

/** Whether the caller holds a permission. The console only hides by it; the server refuses. */
export function useCan(): (permission: string) => boolean {
  const { permissions } = useMe();
  return useCallback((permission) => permissions.includes(permission), [permissions]);
}

export function useCurrency(): string {
  return useMe().organization.currency ?? "SAR";
}

export function useDescription(): Description {
  return useSuspenseQuery(descriptionQuery).data;
}

export function resourceKey(resource: Pick<Resource, "module" | "name">): string {
  return `${resource.module}.${resource.name}`;
}

export function findResource(description: Description, module: string, name: string): Resource | undefined {
  return description.modules.find((m) => m.name === module)?.resources.find((resource) => resource.name === name);
}

/** The description of "fleet.vehicles", or nothing when the caller may not see it. */
export function useResource(key: string): Resource | undefined {
  const description = useDescription();
  const [module = "", name = ""] = key.split(".");
  return findResource(description, module, name);
}
