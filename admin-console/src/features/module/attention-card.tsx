import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CalendarClock, CircleAlert, CircleCheck, Clock, type LucideIcon } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Resource } from "@/api/model";
import { cn } from "@/lib/cn";
import { quietCountQuery } from "@/lib/counts";
import { today, useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { iconOf } from "@/resource/icons";
import { toneOf } from "@/resource/kinds/tone";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { RowsSkeleton } from "@/ui/skeleton";
import { type Matter, mattersOf } from "./attention";

const SHOWN = 8;

const ICONS: Record<Matter["kind"], LucideIcon> = { state: CircleAlert, overdue: CalendarClock, soon: Clock };

/** What waits for somebody in a module, the most pressing first; each line leads to the rows it counts. */
export function Attention({ resources }: { resources: Resource[] }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const [all, setAll] = useState(false);
  const matters = useMemo(() => resources.flatMap((resource) => mattersOf(resource, today)), [resources]);
  const counts = useQueries({
    queries: matters.map((matter) => quietCountQuery(matter.resource, matter.filter)),
  });
  const pending = counts.some((count) => count.isPending);
  const failed = counts.find((count) => count.isError);
  const found = matters
    .map((matter, index) => ({ matter, count: counts[index]?.data ?? 0 }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.matter.weight - a.matter.weight || b.count - a.count);
  const shown = all ? found : found.slice(0, SHOWN);
  return (
    <Card>
      <CardHead title={t("module.attention")} hint={t("module.attention_hint")} />
      {failed ? (
        <ErrorNote
          error={failed.error}
          onRetry={() => counts.map((count) => count.isError && count.refetch())}
          className="mx-4 mb-4"
        />
      ) : null}
      {pending && found.length === 0 ? <RowsSkeleton rows={4} /> : null}
      {!pending && !failed && found.length === 0 ? (
        <Empty icon={CircleCheck} title={t("module.attention_none")} className="py-8" />
      ) : null}
      <ul className="divide-y divide-line border-line border-t empty:hidden">
        {shown.map(({ matter, count }) => {
          const { resource, field, filter, kind, value } = matter;
          const Icon = ICONS[kind];
          const bad = kind === "overdue" || (value !== undefined && toneOf(value) === "bad");
          const Subject = iconOf(resource.module, resource.name);
          return (
            <li key={`${resource.name} ${kind} ${field.name} ${value}`}>
              <Link
                to="/$module/$resource"
                params={{ module: resource.module, resource: resource.name }}
                search={{ ...filter, ...(kind === "state" ? {} : { sort: field.name }) }}
                className="flex items-center gap-3 px-5 py-2.5 text-sm hover:bg-hover/60"
              >
                <Subject className="size-4.5 shrink-0 text-faint" aria-hidden />
                <span className="min-w-0 flex-1">
                  <span className="block truncate font-medium">{labels.many(resource)}</span>
                  <span className="block truncate text-faint text-xs">
                    {kind === "state"
                      ? t("filter.is", {
                          label: labels.field(resource, field.name),
                          value: labels.choice(resource, field.name, value ?? ""),
                        })
                      : t(kind === "overdue" ? "module.overdue" : "module.soon", {
                          label: labels.field(resource, field.name),
                        })}
                  </span>
                </span>
                <span
                  className={cn(
                    "num inline-flex shrink-0 items-center gap-1.5 font-semibold",
                    bad ? "text-bad" : "text-warn",
                  )}
                >
                  <Icon className="size-4" aria-hidden />
                  {format.number(count)}
                </span>
              </Link>
            </li>
          );
        })}
      </ul>
      {found.length > SHOWN ? (
        <div className="border-line border-t px-5 py-2">
          <Button variant="ghost" size="sm" onClick={() => setAll(!all)}>
            {all ? t("module.show_less") : t("module.show_more", { count: found.length - SHOWN })}
          </Button>
        </div>
      ) : null}
    </Card>
  );
}
