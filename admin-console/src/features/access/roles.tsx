import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus, ShieldCheck, Users } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { fold } from "@/lib/fold";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { ChevronEnd } from "@/ui/icons";
import { PageHead } from "@/ui/page";
import { SearchField } from "@/ui/search-field";
import { RowsSkeleton } from "@/ui/skeleton";
import { accessQueries, type Role } from "./access-api";
import { Guarded } from "./guarded";
import { MEMBERSHIPS } from "./position";

/** The roles that there are: the organization's own, and those that every organization has. */
export function Roles() {
  return (
    <Guarded needs="roles.read">
      <RolesPage />
    </Guarded>
  );
}

function RolesPage() {
  const { t } = useTranslation();
  const can = useCan();
  const roles = useQuery(accessQueries.roles);
  const [search, setSearch] = useState("");
  const fits = (role: Role) => fold(`${role.name} ${role.description ?? ""}`).includes(fold(search));
  const own = roles.data?.filter((role) => !role.is_built_in) ?? [];
  return (
    <>
      <PageHead
        title={t("roles.title")}
        hint={t("roles.hint")}
        actions={
          can("roles.create") ? (
            <Button asChild variant="primary">
              <Link to="/settings/roles/new">
                <Plus aria-hidden />
                {t("roles.new")}
              </Link>
            </Button>
          ) : null
        }
      />
      {roles.isError ? <ErrorNote error={roles.error} onRetry={roles.refetch} className="mb-4" /> : null}
      {(roles.data?.length ?? 0) > 12 ? (
        <SearchField
          label={t("roles.search")}
          className="mb-4 max-w-md"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      ) : null}
      <div className="space-y-4">
        <Card>
          <CardHead title={t("roles.own")} hint={t("roles.own_hint")} />
          {roles.isPending ? <RowsSkeleton rows={2} /> : null}
          {roles.data && own.length === 0 ? (
            <Empty
              icon={ShieldCheck}
              title={t("roles.none")}
              className="pt-4 pb-10"
              actions={
                can("roles.create") ? (
                  <Button asChild>
                    <Link to="/settings/roles/new">
                      <Plus aria-hidden />
                      {t("roles.new")}
                    </Link>
                  </Button>
                ) : null
              }
            >
              {t("roles.none_hint")}
            </Empty>
          ) : (
            <RoleList roles={own.filter(fits)} />
          )}
        </Card>
        <Card>
          <CardHead title={t("roles.built_in")} hint={t("roles.built_in_hint")} />
          {roles.isPending ? (
            <RowsSkeleton />
          ) : (
            <RoleList roles={roles.data?.filter((role) => role.is_built_in && fits(role)) ?? []} />
          )}
        </Card>
        <Memberships />
      </div>
    </>
  );
}

function RoleList({ roles }: { roles: Role[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <ul className="divide-y divide-line border-line border-t">
      {roles.map((role) => (
        <li key={role.id} className="group relative flex items-center gap-4 px-5 py-3 hover:bg-hover">
          <div className="min-w-0 flex-1">
            <Link
              to="/settings/roles/$id"
              params={{ id: role.id }}
              className="font-medium after:absolute after:inset-0 group-hover:text-accent-text"
            >
              <bdi>{role.name}</bdi>
            </Link>
            {role.description ? (
              <p className="mt-0.5 line-clamp-2 text-muted text-sm">
                <bdi>{role.description}</bdi>
              </p>
            ) : null}
            <p className="mt-0.5 text-faint text-xs">
              {t("roles.permissions", {
                count: role.permissions.length,
                shown: format.number(role.permissions.length),
              })}
              {role.updated_at ? ` · ${t("detail.updated", { when: format.ago(role.updated_at) })}` : null}
            </p>
          </div>
          <Badge tone={role.members > 0 ? "accent" : "neutral"}>
            <span className="flex items-center gap-1.5">
              <Users className="size-3.5" aria-hidden />
              <span className="num">
                {t("roles.members", { count: role.members, shown: format.number(role.members) })}
              </span>
            </span>
          </Badge>
          <ChevronEnd className="size-4 shrink-0 text-faint" />
        </li>
      ))}
    </ul>
  );
}

/** Beside roles everybody has a membership; the two add up, with one exception that must be known. */
function Memberships() {
  const { t } = useTranslation();
  const labels = useLabels();
  return (
    <Card className="pb-4">
      <CardHead title={t("roles.memberships")} hint={t("roles.memberships_hint")} />
      <dl className="grid gap-x-5 gap-y-2.5 px-5 text-sm sm:grid-cols-[minmax(8rem,max-content)_1fr]">
        {MEMBERSHIPS.map((membership) => (
          <div key={membership} className="contents">
            <dt className="font-medium">{labels.role(membership)}</dt>
            <dd className="text-muted">{t(`people.membership_hint.${membership}`)}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
