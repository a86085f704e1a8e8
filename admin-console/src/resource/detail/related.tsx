import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Description, Field, Resource } from "@/api/model";
import { resourceKey } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { useNarrow } from "@/lib/media";
import { listQuery } from "@/lib/resource-api";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { ErrorNote } from "@/ui/error-note";
import { ArrowEnd } from "@/ui/icons";
import { RowsSkeleton } from "@/ui/skeleton";
import { RowCards } from "../list/row-cards";
import { RowTable } from "../list/row-table";

const SHOWN = 10;

export interface Relation {
  resource: Resource;
  field: Field;
}

/** The resources that point at this one and can be filtered by it: a vehicle's fills, its assignments. */
export function relationsOf(description: Description, resource: Resource): Relation[] {
  const key = resourceKey(resource);
  return description.modules
    .flatMap((module) => module.resources)
    .flatMap((other) =>
      other.fields
        .filter(
          (field) => field.kind === "reference" && field.to === key && field.filter && other.verbs.includes("list"),
        )
        .map((field) => ({ resource: other, field })),
    );
}

export function Related({ relation, id }: { relation: Relation; id: string }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const narrow = useNarrow();
  const { resource, field } = relation;
  const rows = useQuery(listQuery(resource, { [field.name]: id, limit: SHOWN, total: true }));
  const shown = resource.fields.filter((one) => one.list && one.name !== field.name);
  if (rows.isPending) return <RowsSkeleton rows={4} />;
  if (rows.isError) return <ErrorNote error={rows.error} onRetry={rows.refetch} />;
  const { data, total = data.length } = rows.data;
  const params = { module: resource.module, resource: resource.name };
  const search = { [field.name]: id };
  return (
    <Card>
      <div className="flex items-center justify-between gap-3 px-4 py-3">
        <p className="text-muted text-sm">{t("detail.related_count", { count: total, shown: format.number(total) })}</p>
        {resource.verbs.includes("create") && field.writable !== false ? (
          <Button asChild size="sm">
            <Link to="/$module/$resource/new" params={params} search={search}>
              <Plus aria-hidden />
              {t("list.new", { what: labels.one(resource) })}
            </Link>
          </Button>
        ) : null}
      </div>
      {data.length > 0 ? (
        narrow ? (
          <RowCards resource={resource} rows={data} fields={shown} />
        ) : (
          <RowTable resource={resource} rows={data} fields={shown} />
        )
      ) : null}
      {total > data.length ? (
        <div className="border-line border-t px-4 py-3">
          <Button asChild variant="link">
            <Link to="/$module/$resource" params={params} search={search}>
              {t("detail.show_all", { count: total, shown: format.number(total) })}
              <ArrowEnd />
            </Link>
          </Button>
        </div>
      ) : null}
    </Card>
  );
}
