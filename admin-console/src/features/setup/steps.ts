import { type UseQueryResult, useQueries } from "@tanstack/react-query";
import { Bike, Blocks, Building2, Fingerprint, KeyRound, type LucideIcon, Truck, Users } from "lucide-react";
import type { Resource, Verb } from "@/api/model";
import { useCan, useResource } from "@/lib/account";
import { answerOf, api, client } from "@/lib/api";
import { factorsQuery } from "@/lib/factors";

export interface Step {
  name: "settings" | "factor" | "people" | "couriers" | "vehicles" | "assignment" | "connect";
  icon: LucideIcon;
  to: string;
  search?: Record<string, string>;
  done: boolean;
}

interface Plan extends Omit<Step, "done"> {
  allowed: boolean;
  /** Asks whether it is done: by what is there, not by what was clicked. */
  ask: { queryKey: readonly unknown[]; queryFn: () => Promise<boolean> };
}

async function count(path: string): Promise<number> {
  return (await api.get<{ data: unknown[] }>(path, { query: { limit: 2 } })).data.length;
}

const changedSettings = async () =>
  (await answerOf(client.GET("/api/v1/organization/history"))).data.some((past) => past.verb === "update");
const hasFactor = async () => {
  const factors = await answerOf(client.GET("/api/v1/auth/factors"));
  return Boolean(factors.totp_since) || factors.passkeys.length > 0;
};
const hasColleagues = async () => (await count("/tenancy/members")) > 1 || (await count("/tenancy/invitations")) > 0;
const hasPlugin = async () => (await count("/integrations/installations")) > 0;

/** What a new company does first, as far as this person may do it; nothing until every answer is there. */
export function useSteps(): Step[] | undefined {
  const can = useCan();
  const couriers = useResource("fleet.couriers");
  const vehicles = useResource("fleet.vehicles");
  const assignments = useResource("fleet.vehicle_assignments");
  const does = (resource: Resource | undefined, verb: Verb) => resource?.verbs.includes(verb) ?? false;
  const rows = (resource: Resource | undefined) => ({
    queryKey: ["figures", "setup", resource?.name],
    queryFn: async () => (resource ? (await count(resource.path)) > 0 : false),
  });
  const plans: Plan[] = [
    {
      name: "settings",
      icon: Building2,
      to: "/settings/organization",
      allowed: can("organization.update"),
      ask: { queryKey: ["organization", "history", "setup"], queryFn: changedSettings },
    },
    {
      name: "people",
      icon: Users,
      to: "/settings/people",
      allowed: can("members.create"),
      ask: { queryKey: ["members", "setup"], queryFn: hasColleagues },
    },
    {
      name: "couriers",
      icon: Bike,
      to: "/fleet/couriers/import",
      allowed: does(couriers, "import"),
      ask: rows(couriers),
    },
    {
      name: "vehicles",
      icon: Truck,
      to: "/fleet/vehicles/import",
      allowed: does(vehicles, "import"),
      ask: rows(vehicles),
    },
    {
      name: "assignment",
      icon: KeyRound,
      to: "/fleet/vehicle_assignments/new",
      allowed: does(assignments, "create"),
      ask: rows(assignments),
    },
    {
      name: "connect",
      icon: Blocks,
      to: "/integrations/plugins",
      allowed: can("plugins.manage"),
      ask: { queryKey: ["plugins", "setup"], queryFn: hasPlugin },
    },
  ];
  const allowed = plans.filter((plan) => plan.allowed);
  // The own account is everybody's; by itself it makes no checklist of a company.
  if (allowed.length > 0) {
    allowed.push({
      name: "factor",
      icon: Fingerprint,
      to: "/account",
      search: { tab: "security" },
      allowed: true,
      ask: { queryKey: [...factorsQuery.queryKey, "setup"], queryFn: hasFactor },
    });
  }
  const answers: UseQueryResult<boolean>[] = useQueries({
    queries: allowed.map(({ ask }) => ({ queryKey: ask.queryKey, queryFn: ask.queryFn })),
  });
  if (answers.some((answer) => answer.isPending)) return undefined;
  // What could not be asked is left out: neither done nor to do is known of it.
  return allowed.flatMap(({ ask: _, allowed: __, ...step }, index) => {
    const done = answers[index]?.data;
    return done === undefined ? [] : [{ ...step, done }];
  });
}
