import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Resource } from "@/api/model";
import { quietCountQuery } from "@/lib/counts";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { useSeen } from "@/lib/seen";
import { iconOf } from "@/resource/icons";
import { stateOf } from "@/resource/places";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { wordsFor } from "@/ui/error-note";
import { Skeleton } from "@/ui/skeleton";
import { StateBar } from "./state-bar";

/** One resource on its module's page: how many there are, how they stand, and the way to them. */
export function ResourceCard({ resource }: { resource: Resource }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const { ref, seen } = useSeen<HTMLDivElement>();
  const count = useQuery({ ...quietCountQuery(resource), enabled: seen });
  const state = stateOf(resource);
  const Icon = iconOf(resource.module, resource.name);
  const params = { module: resource.module, resource: resource.name };
  return (
    <Card className="flex flex-col p-4">
      <div ref={ref} className="flex items-center gap-3">
        <span className="grid size-9 shrink-0 place-items-center rounded-lg bg-accent-soft text-accent-text">
          <Icon className="size-4.5" aria-hidden />
        </span>
        <div className="min-w-0 flex-1">
          <h3 className="truncate font-medium">
            <Link to="/$module/$resource" params={params} className="rounded hover:text-accent-text hover:underline">
              {labels.many(resource)}
            </Link>
          </h3>
          {count.isError ? (
            <p role="alert" className="truncate text-bad text-xs">
              {wordsFor(count.error, t)}
            </p>
          ) : count.data === undefined ? (
            <Skeleton className="mt-1 h-4 w-16" />
          ) : (
            <p className="num text-muted text-sm">
              {t("detail.related_count", { count: count.data, shown: format.number(count.data) })}
            </p>
          )}
        </div>
        {resource.verbs.includes("create") ? (
          <Button asChild variant="ghost" size="icon-sm">
            <Link
              to="/$module/$resource/new"
              params={params}
              aria-label={t("list.new", { what: labels.one(resource) })}
              title={t("list.new", { what: labels.one(resource) })}
            >
              <Plus aria-hidden />
            </Link>
          </Button>
        ) : null}
      </div>
      {state && seen && count.data !== undefined && count.data > 0 ? (
        <div className="mt-3.5">
          <StateBar resource={resource} field={state} />
        </div>
      ) : null}
    </Card>
  );
}
