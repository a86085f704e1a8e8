import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Resource } from "@/api/model";
import { resourceKey } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { listQuery } from "@/lib/resource-api";
import { iconOf } from "@/resource/icons";
import { RowTitle } from "@/resource/row-title";
import { StateBadge } from "@/resource/state-badge";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { ArrowEnd } from "@/ui/icons";
import { RowsSkeleton } from "@/ui/skeleton";
import { TabPanel, Tabs } from "@/ui/tabs";

const SHOWN = 6;

/** The newest rows of what a module is mainly about. */
export function Newest({ resources }: { resources: Resource[] }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const [tab, setTab] = useState(() => (resources[0] ? resourceKey(resources[0]) : ""));
  if (resources.length === 0) return null;
  return (
    <Card>
      <CardHead title={t("module.newest")} />
      <div className="px-3">
        <Tabs
          value={tab}
          onChange={setTab}
          label={t("module.newest")}
          tabs={resources.map((resource) => ({ value: resourceKey(resource), label: labels.many(resource) }))}
        >
          {resources.map((resource) => (
            <TabPanel key={resourceKey(resource)} value={resourceKey(resource)} className="-mx-3 -mt-5">
              <Rows resource={resource} />
            </TabPanel>
          ))}
        </Tabs>
      </div>
    </Card>
  );
}

function Rows({ resource }: { resource: Resource }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  // Ids are made in the order of time and every table is indexed by them; not every table is by when it was made.
  const rows = useQuery(listQuery(resource, { sort: "-id", limit: SHOWN }));
  const params = { module: resource.module, resource: resource.name };
  if (rows.isPending) return <RowsSkeleton rows={4} />;
  if (rows.isError) return <ErrorNote error={rows.error} onRetry={rows.refetch} className="m-4" />;
  if (rows.data.data.length === 0) {
    return (
      <Empty
        icon={iconOf(resource.module, resource.name)}
        title={t("list.none_yet", { what: labels.many(resource) })}
        className="py-8"
        actions={
          resource.verbs.includes("create") ? (
            <Button asChild size="sm">
              <Link to="/$module/$resource/new" params={params}>
                <Plus aria-hidden />
                {t("list.new", { what: labels.one(resource) })}
              </Link>
            </Button>
          ) : null
        }
      />
    );
  }
  return (
    <>
      <ul className="divide-y divide-line">
        {rows.data.data.map((row) => (
          <li key={row.id}>
            <Link
              to="/$module/$resource/$id"
              params={{ ...params, id: row.id }}
              className="flex items-center gap-3 px-5 py-2.5 text-sm hover:bg-hover/60"
            >
              <span className="min-w-0 flex-1">
                <span className="block truncate font-medium">
                  <RowTitle resource={resource} row={row} />
                </span>
                <time dateTime={row.created_at} className="block text-faint text-xs">
                  {format.ago(row.created_at)}
                </time>
              </span>
              <StateBadge resource={resource} row={row} />
            </Link>
          </li>
        ))}
      </ul>
      <div className="border-line border-t px-5 py-2.5">
        <Button asChild variant="link">
          <Link to="/$module/$resource" params={params} search={{ sort: "-id" }}>
            {t("module.all", { what: labels.many(resource) })}
            <ArrowEnd />
          </Link>
        </Button>
      </div>
    </>
  );
}
