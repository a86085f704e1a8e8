import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FileCheck2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Field, Resource, Row } from "@/api/model";
import { resourceKey, useResource } from "@/lib/account";
import { today, useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { listQuery, titleOf } from "@/lib/resource-api";
import { kindOf } from "@/resource/kinds/registry";
import { Card, CardHead } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { RowsSkeleton } from "@/ui/skeleton";
import type { Overview } from "./fuel-api";

const DAYS_AHEAD = 30;
const SHOWN = 8;
/** Papers of those who have left matter to nobody. */
const GONE: Record<string, string> = { vehicles: "retired", couriers: "terminated" };

interface Paper {
  resource: Resource;
  field: Field;
}

/** Registrations, insurances, iqamas and licences that have run out or will within a month, the most pressing first. */
export function ExpiringPapers({ counts }: { counts: Overview["papers"] }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const resources = [useResource("fleet.vehicles"), useResource("fleet.couriers")];
  const pressing = counts
    .map((paper) => ({ ...paper, count: paper.expired + paper.within_30_days }))
    .filter((paper) => paper.count > 0);
  const papers = pressing.flatMap(({ resource: name, field: fieldName, count }) => {
    const resource = resources.find((one) => one && resourceKey(one) === name);
    const field = resource?.fields.find((one) => one.name === fieldName && one.filter);
    return resource && field ? [{ resource, field, count }] : [];
  });
  const until = today(DAYS_AHEAD);
  const lists = useQueries({
    queries: papers.map(({ resource, field }) =>
      listQuery(resource, {
        [`${field.name}.lte`]: until,
        "status.ne": GONE[resource.name],
        sort: field.name,
        limit: SHOWN,
      }),
    ),
  });
  const failed = lists.find((list) => list.isError);
  const found = lists
    .flatMap((list, index) => (list.data?.data ?? []).map((row) => ({ ...(papers[index] as Paper), row })))
    .sort((a, b) => day(a).localeCompare(day(b)));
  const total = papers.reduce((sum, paper) => sum + paper.count, 0);
  return (
    <Card>
      <CardHead title={t("dashboard.papers")} hint={t("dashboard.papers_hint", { count: total })} />
      {failed ? <ErrorNote error={failed.error} onRetry={failed.refetch} className="m-4" /> : null}
      {lists.some((list) => list.isPending) ? <RowsSkeleton rows={4} /> : null}
      {total === 0 ? <Empty icon={FileCheck2} title={t("dashboard.papers_none")} className="py-8" /> : null}
      <ul className="divide-y divide-line border-line border-t empty:hidden">
        {found.slice(0, SHOWN).map(({ resource, field, row }) => {
          const { Cell } = kindOf(field.kind);
          return (
            <li key={`${row.id} ${field.name}`} className="flex items-center justify-between gap-3 px-5 py-2.5 text-sm">
              <div className="min-w-0">
                <Link
                  to="/$module/$resource/$id"
                  params={{ module: resource.module, resource: resource.name, id: row.id }}
                  className="block truncate font-medium hover:text-accent-text hover:underline"
                >
                  <bdi>{titleOf(resource, row)}</bdi>
                </Link>
                <span className="block truncate text-faint text-xs">{labels.field(resource, field.name)}</span>
              </div>
              <span className="shrink-0">
                <Cell field={field} resource={resource} value={row[field.name]} row={row} />
              </span>
            </li>
          );
        })}
      </ul>
      {total > SHOWN ? (
        <ul className="flex flex-wrap gap-x-4 gap-y-1 border-line border-t px-5 py-3 text-sm">
          {papers.map(({ resource, field, count }) => (
            <li key={`${resource.name} ${field.name}`}>
              <Link
                to="/$module/$resource"
                params={{ module: resource.module, resource: resource.name }}
                search={{ [`${field.name}.lte`]: until, sort: field.name }}
                className="text-accent-text hover:underline"
              >
                {labels.field(resource, field.name)}
              </Link>{" "}
              <span className="num text-faint">{format.number(count)}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </Card>
  );
}

function day({ row, field }: { row: Row; field: Field }): string {
  return String(row[field.name] ?? "");
}
