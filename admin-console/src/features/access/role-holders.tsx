import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Users } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { useLabels } from "@/lib/labels";
import { Badge } from "@/ui/badge";
import { Card } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { RowsSkeleton } from "@/ui/skeleton";
import { accessQueries, type Role } from "./access-api";

/** Somebody, or a program, who has a role. */
export interface Holder {
  id: string;
  name: string;
  membership: string;
  roles: string[];
  email?: string;
  status?: string;
}

/** Who has the role, of those whom this reader may see. */
export function useHolders(role: Role) {
  const can = useCan();
  const members = useQuery({ ...accessQueries.members, enabled: can("members.read") });
  const accounts = useQuery({ ...accessQueries.accounts, enabled: can("api_keys.manage") });
  const has = (one: { roles: string[] }) => one.roles.includes(role.id);
  const holders: Holder[] = [
    ...(members.data ?? []).filter(has).map((one) => ({ ...one, id: one.user_id, name: one.full_name })),
    ...(accounts.data ?? []).filter(has),
  ];
  return {
    holders,
    isPending: (members.isPending && members.isFetching) || (accounts.isPending && accounts.isFetching),
    error: members.error ?? accounts.error,
    refetch: () => Promise.all([members.refetch(), accounts.refetch()]),
  };
}

export function RoleHolders({ role }: { role: Role }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { holders, isPending, error, refetch } = useHolders(role);
  if (isPending) return <RowsSkeleton />;
  if (error) return <ErrorNote error={error} onRetry={refetch} />;
  if (role.members === 0) {
    return (
      <Empty icon={Users} title={t("roles.nobody")}>
        {t("roles.nobody_hint")}
      </Empty>
    );
  }
  const unseen = role.members - holders.length;
  return (
    <Card>
      <ul className="divide-y divide-line">
        {holders.map((one) => (
          <li key={one.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3 text-sm">
            <div className="min-w-40 flex-1">
              {one.email ? (
                <Link to="/settings/people" search={{ member: one.id }} className="font-medium hover:underline">
                  <bdi>{one.name}</bdi>
                </Link>
              ) : (
                <Link to="/settings/api-keys" search={{ tab: "accounts" }} className="font-medium hover:underline">
                  <bdi>{one.name}</bdi>
                </Link>
              )}
              <bdi dir="ltr" className="block truncate text-faint text-xs">
                {one.email}
              </bdi>
            </div>
            {one.email ? null : <Badge>{t("api_key.account")}</Badge>}
            {one.status === "suspended" ? <Badge tone="warn">{t("people.status.suspended")}</Badge> : null}
            <Badge>{labels.role(one.membership)}</Badge>
          </li>
        ))}
      </ul>
      {unseen > 0 ? (
        <p className="border-line border-t px-5 py-3 text-muted text-sm first:border-t-0">
          {t("roles.unseen", { count: unseen })}
        </p>
      ) : null}
    </Card>
  );
}
