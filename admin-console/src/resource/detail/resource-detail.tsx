import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Ellipsis, Pencil, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Action, Resource, Row } from "@/api/model";
import { useDescription } from "@/lib/account";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { countQuery, deleteRow, rowQuery, rowsChanged, titleOf } from "@/lib/resource-api";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Confirm } from "@/ui/confirm";
import { ErrorNote } from "@/ui/error-note";
import { Menu, MenuItem, MenuLine } from "@/ui/menu";
import { PageHead } from "@/ui/page";
import { PageSkeleton } from "@/ui/skeleton";
import { TabPanel, Tabs } from "@/ui/tabs";
import { toast } from "@/ui/toast";
import { useGroupName } from "../group-name";
import { groupsOf } from "../groups";
import { isEmpty } from "../kinds/kind";
import { kindOf } from "../kinds/registry";
import { ResourceTrail } from "../resource-trail";
import { RowTitle } from "../row-title";
import { StateBadge } from "../state-badge";
import { ActionDialog } from "./action-dialog";
import { actionApplies } from "./applies";
import { History } from "./history";
import { nameOf, Related, RelatedBrowser, type Relation, relationLabel, relationsOf } from "./related";

/** More tabs than this do not fit beside each other; what belongs to the row is then found by module. */
const MOST_TABS = 5;

interface ResourceDetailProps {
  resource: Resource;
  id: string;
  tab: string | undefined;
  onTab: (tab: string | undefined) => void;
  /** What a feature adds above the facts. */
  children?: ReactNode;
}

/** One row of any resource: its facts, what can be done with it, what belongs to it, and what happened to it. */
export function ResourceDetail({ resource, id, tab, onTab, children }: ResourceDetailProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const description = useDescription();
  const row = useQuery(rowQuery(resource, id));
  if (row.isPending) return <PageSkeleton />;
  if (row.isError) return <ErrorNote error={row.error} onRetry={row.refetch} />;

  const relations = relationsOf(description, resource);
  const direct = relations.length <= MOST_TABS ? relations : [];
  const browsed = direct.length === 0 && relations.length > 0;
  const chosen = relations.find((relation) => nameOf(relation) === tab);
  return (
    <>
      <PageHead
        trail={<ResourceTrail resource={resource} />}
        title={<RowTitle resource={resource} row={row.data} />}
        badge={<StateBadge resource={resource} row={row.data} />}
        actions={<Actions resource={resource} row={row.data} />}
      />
      {children}
      <Tabs
        value={browsed && chosen ? "related" : (tab ?? "facts")}
        onChange={(next) => onTab(next === "facts" ? undefined : next)}
        label={titleOf(resource, row.data)}
        tabs={[
          { value: "facts", label: t("detail.facts") },
          ...direct.map((relation) => ({
            value: nameOf(relation),
            label: relationLabel(relation, relations, labels),
            count: <Count relation={relation} id={id} />,
          })),
          ...(browsed ? [{ value: "related", label: t("detail.related") }] : []),
          ...(resource.verbs.includes("history") ? [{ value: "history", label: t("history.title") }] : []),
        ]}
      >
        <TabPanel value="facts">
          <RowFacts resource={resource} row={row.data} />
        </TabPanel>
        {direct.map((relation) => (
          <TabPanel key={nameOf(relation)} value={nameOf(relation)}>
            <Related relation={relation} id={id} />
          </TabPanel>
        ))}
        {browsed ? (
          <TabPanel value="related">
            <RelatedBrowser relations={relations} id={id} chosen={tab} onChoose={onTab} />
          </TabPanel>
        ) : null}
        <TabPanel value="history">
          <History resource={resource} id={id} />
        </TabPanel>
      </Tabs>
    </>
  );
}

function Count({ relation, id }: { relation: Relation; id: string }) {
  const format = useFormat();
  const count = useQuery(countQuery(relation.resource, { [relation.field.name]: id }));
  return count.data === undefined ? null : format.number(count.data);
}

/** What is known of a row, field by field. */
export function RowFacts({ resource, row }: { resource: Resource; row: Row }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const groupName = useGroupName(resource);
  const [all, setAll] = useState(false);
  const filled = resource.fields.filter((field) => !isEmpty(row[field.name]));
  const groups = groupsOf(all ? resource.fields : filled);
  const hidden = resource.fields.length - filled.length;
  return (
    <Card>
      {groups.map((group) => (
        <section key={group.name} className="border-line border-b px-5 py-4">
          {groups.length > 1 ? <h2 className="mb-3 font-semibold text-sm">{groupName(group.name)}</h2> : null}
          <dl className="grid grid-cols-2 gap-x-6 gap-y-3.5 xl:grid-cols-3">
            {group.fields.map((field) => {
              const kind = kindOf(field.kind);
              return (
                <div
                  key={field.name}
                  className={cn("min-w-0", kind.wide && isLong(row[field.name]) && "col-span-full")}
                >
                  <dt className="text-faint text-xs">{labels.field(resource, field.name)}</dt>
                  <dd className="mt-0.5 break-words text-sm">
                    <kind.Cell field={field} resource={resource} value={row[field.name]} row={row} full />
                  </dd>
                </div>
              );
            })}
          </dl>
        </section>
      ))}
      <div className="flex flex-wrap items-center justify-between gap-3 px-5 py-3 text-faint text-xs">
        <p>
          {t("detail.created", { when: format.instant(row.created_at) })}
          {" · "}
          {t("detail.updated", { when: format.instant(row.updated_at) })}
        </p>
        {hidden > 0 ? (
          <Button variant="ghost" size="sm" aria-pressed={all} onClick={() => setAll(!all)}>
            {all ? t("detail.hide_empty") : t("detail.show_empty", { count: hidden })}
          </Button>
        ) : null}
      </div>
    </Card>
  );
}

function isLong(value: unknown): boolean {
  return typeof value === "object" || String(value ?? "").length > 60;
}

const SHOWN_ACTIONS = 2;

function Actions({ resource, row }: { resource: Resource; row: Row }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const navigate = useNavigate();
  const [running, setRunning] = useState<Action>();
  const [deleting, setDeleting] = useState(false);
  const actions = (resource.actions ?? []).filter((action) => actionApplies(action, row));
  const inSight = actions.filter((action) => !action.danger).slice(0, SHOWN_ACTIONS);
  const inMenu = actions.filter((action) => !inSight.includes(action));
  const canDelete = resource.verbs.includes("delete");
  const remove = useMutation({
    mutationFn: () => deleteRow(resource, row),
    onSuccess: async () => {
      toast(t("list.deleted", { count: 1 }));
      await navigate({ to: "/$module/$resource", params: { module: resource.module, resource: resource.name } });
      await rowsChanged();
    },
  });
  return (
    <>
      {inSight.map((action) => (
        <Button key={action.name} onClick={() => setRunning(action)}>
          {labels.action(resource, action.name)}
        </Button>
      ))}
      {resource.verbs.includes("update") ? (
        <Button asChild variant="primary">
          <Link
            to="/$module/$resource/$id/edit"
            params={{ module: resource.module, resource: resource.name, id: row.id }}
          >
            <Pencil aria-hidden />
            {t("common.edit")}
          </Link>
        </Button>
      ) : null}
      {inMenu.length > 0 || canDelete ? (
        <Menu
          trigger={
            <Button size="icon" aria-label={t("detail.more_actions")}>
              <Ellipsis aria-hidden />
            </Button>
          }
        >
          {inMenu.map((action) => (
            <MenuItem key={action.name} danger={action.danger ?? false} onSelect={() => setRunning(action)}>
              {labels.action(resource, action.name)}
            </MenuItem>
          ))}
          {inMenu.length > 0 && canDelete ? <MenuLine /> : null}
          {canDelete ? (
            <MenuItem danger onSelect={() => setDeleting(true)}>
              <Trash2 aria-hidden />
              {t("common.delete")}
            </MenuItem>
          ) : null}
        </Menu>
      ) : null}
      {running ? (
        <ActionDialog resource={resource} row={row} action={running} onClose={() => setRunning(undefined)} />
      ) : null}
      <Confirm
        open={deleting}
        onOpenChange={(open) => {
          remove.reset();
          setDeleting(open);
        }}
        title={t("detail.delete_title", { what: titleOf(resource, row) })}
        description={t("list.delete_hint")}
        confirm={t("common.delete")}
        danger
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
      />
    </>
  );
}
