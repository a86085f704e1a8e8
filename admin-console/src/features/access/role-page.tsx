import { useQuery } from "@tanstack/react-query";
import { Link, useLocation, useNavigate, useParams } from "@tanstack/react-router";
import { Copy, Trash2 } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { ErrorNote } from "@/ui/error-note";
import { Note } from "@/ui/note";
import { PageHead } from "@/ui/page";
import { PageSkeleton } from "@/ui/skeleton";
import { TabPanel, Tabs } from "@/ui/tabs";
import { Trail } from "@/ui/trail";
import { accessQueries, type Role } from "./access-api";
import { Guarded } from "./guarded";
import { PermissionEditor } from "./permission-editor";
import { above, givenOf, type Part, type Places, placesOf, tidy } from "./permissions";
import { RoleDelete } from "./role-delete";
import { RoleForm } from "./role-form";
import { RoleHistory } from "./role-history";
import { RoleHolders } from "./role-holders";

/** The catalogue of permissions as pages show it. */
function useCatalogue() {
  const permissions = useQuery(accessQueries.permissions);
  const parts = useMemo(() => tidy(permissions.data ?? []), [permissions.data]);
  const places = useMemo(() => placesOf(parts), [parts]);
  return { ...permissions, parts, places };
}

const CRUMB = "/settings/roles";

/** One role: what it allows, who has it, who changed it. */
export function RolePage() {
  const { id = "" } = useParams({ strict: false });
  return (
    <Guarded needs="roles.read">
      <OneRole key={id} id={id} />
    </Guarded>
  );
}

function OneRole({ id }: { id: string }) {
  const { t } = useTranslation();
  const role = useQuery(accessQueries.role(id));
  const catalogue = useCatalogue();
  if (role.isPending || catalogue.isPending) return <PageSkeleton />;
  if (role.isError) {
    return (
      <>
        <Trail crumbs={[{ label: t("roles.title"), to: CRUMB }]} />
        <ErrorNote error={role.error} onRetry={role.refetch} />
      </>
    );
  }
  if (catalogue.isError) return <ErrorNote error={catalogue.error} onRetry={catalogue.refetch} />;
  return <RoleView role={role.data} parts={catalogue.parts} places={catalogue.places} />;
}

interface RoleViewProps {
  role: Role;
  parts: Part[];
  places: Places;
}

function RoleView({ role, parts, places }: RoleViewProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const navigate = useNavigate();
  const { tab = "permissions" } = useLocation().search as Record<string, string>;
  const [deleting, setDeleting] = useState(false);
  const given = useMemo(() => givenOf(role.permissions, places), [role.permissions, places]);
  const tooMuch = useMemo(() => above(given, places), [given, places]);
  const mayEdit = !role.is_built_in && can("roles.update") && tooMuch.length === 0;
  return (
    <>
      <PageHead
        trail={<Trail crumbs={[{ label: t("roles.title"), to: CRUMB }]} />}
        title={<bdi>{role.name}</bdi>}
        badge={role.is_built_in ? <Badge>{t("roles.is_built_in")}</Badge> : null}
        hint={role.description ? <bdi>{role.description}</bdi> : undefined}
        actions={
          <>
            {can("roles.create") ? (
              <Button asChild>
                <Link to="/settings/roles/new" search={{ from: role.id }}>
                  <Copy aria-hidden />
                  {t("roles.copy")}
                </Link>
              </Button>
            ) : null}
            {!role.is_built_in && can("roles.delete") && tooMuch.length === 0 ? (
              <Button className="text-bad" onClick={() => setDeleting(true)}>
                <Trash2 aria-hidden />
                {t("common.delete")}
              </Button>
            ) : null}
          </>
        }
      />
      <Tabs
        value={tab}
        onChange={(next) => navigate({ to: ".", search: { tab: next }, replace: true })}
        label={role.name}
        tabs={[
          { value: "permissions", label: t("roles.tab_permissions"), count: format.number(given.size) },
          { value: "holders", label: t("roles.tab_holders"), count: format.number(role.members) },
          ...(role.is_built_in ? [] : [{ value: "history", label: t("history.title") }]),
        ]}
      >
        {/* It stays there while another tab is looked at: what was changed and not saved yet must not be lost. */}
        <TabPanel value="permissions" forceMount hidden={tab !== "permissions"}>
          {mayEdit ? (
            <RoleForm role={role} parts={parts} places={places} shown={tab === "permissions"} />
          ) : (
            <>
              <ReadOnlyReason role={role} tooMuch={tooMuch.length} />
              <PermissionEditor parts={parts} given={given} starts="given" />
            </>
          )}
        </TabPanel>
        <TabPanel value="holders">
          <RoleHolders role={role} />
        </TabPanel>
        <TabPanel value="history">
          <RoleHistory id={role.id} parts={parts} places={places} />
        </TabPanel>
      </Tabs>
      {deleting ? <RoleDelete role={role} onClose={() => setDeleting(false)} /> : null}
    </>
  );
}

function ReadOnlyReason({ role, tooMuch }: { role: Role; tooMuch: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  if (role.is_built_in) {
    return (
      <Note
        className="mb-4"
        actions={
          can("roles.create") ? (
            <Button asChild size="sm" className="self-center">
              <Link to="/settings/roles/new" search={{ from: role.id }}>
                {t("roles.copy")}
              </Link>
            </Button>
          ) : null
        }
      >
        {t("roles.built_in_reason")}
      </Note>
    );
  }
  if (!can("roles.update")) return <Note className="mb-4">{t("roles.read_only")}</Note>;
  return (
    <Note kind="warn" title={t("roles.above_title")} className="mb-4">
      {t("roles.above_hint", { count: tooMuch, shown: format.number(tooMuch) })}
    </Note>
  );
}

/** A new role: from nothing, or as a copy of another one. */
export function NewRole() {
  return (
    <Guarded needs="roles.create">
      <StartedRole />
    </Guarded>
  );
}

function StartedRole() {
  const { t } = useTranslation();
  const { from } = useLocation().search as Record<string, string>;
  const roles = useQuery(accessQueries.roles);
  const catalogue = useCatalogue();
  if (roles.isPending || catalogue.isPending) return <PageSkeleton />;
  const failed = roles.error ?? catalogue.error;
  if (failed) return <ErrorNote error={failed} onRetry={roles.isError ? roles.refetch : catalogue.refetch} />;
  return (
    <>
      <PageHead
        trail={<Trail crumbs={[{ label: t("roles.title"), to: CRUMB }]} />}
        title={t("roles.new")}
        hint={t("roles.new_hint")}
      />
      <RoleForm
        key={from ?? ""}
        from={roles.data?.find((role) => role.id === from)}
        roles={roles.data ?? []}
        parts={catalogue.parts}
        places={catalogue.places}
        shown
      />
    </>
  );
}
