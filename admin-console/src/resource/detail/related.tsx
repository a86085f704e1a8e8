import { useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Description, Field, Resource } from "@/api/model";
import { resourceKey } from "@/lib/account";
import { cn } from "@/lib/cn";
import { quietCountQuery } from "@/lib/counts";
import { useFormat } from "@/lib/format";
import { type Labels, useLabels } from "@/lib/labels";
import { useNarrow } from "@/lib/media";
import { listQuery } from "@/lib/resource-api";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { Select } from "@/ui/field";
import { ArrowEnd } from "@/ui/icons";
import { RowsSkeleton } from "@/ui/skeleton";
import { iconOf } from "../icons";
import { RowCards } from "../list/row-cards";
import { RowTable } from "../list/row-table";
import { placesOf } from "../places";

const SHOWN = 10;

export interface Relation {
  resource: Resource;
  field: Field;
}

/** The resources that point at this one: a vehicle's fills, its assignments, its accidents; in the menu's order. */
export function relationsOf(description: Description, resource: Resource): Relation[] {
  const key = resourceKey(resource);
  return placesOf(description)
    .flatMap((module) => module.groups.flatMap((group) => group.resources))
    .flatMap((other) =>
      other.fields
        .filter((field) => field.kind === "reference" && field.to === key)
        .map((field) => ({ resource: other, field })),
    );
}

export function nameOf({ resource, field }: Relation): string {
  return `${resource.name}.${field.name}`;
}

/** What a relation is called; where a resource points here twice (from, to), by which of its fields. */
export function relationLabel(relation: Relation, all: Relation[], labels: Labels): string {
  const { resource, field } = relation;
  const many = labels.many(resource);
  const twice = all.filter((other) => other.resource === resource).length > 1;
  return twice ? `${many} · ${labels.field(resource, field.name)}` : many;
}

interface RelatedBrowserProps {
  relations: Relation[];
  id: string;
  chosen: string | undefined;
  onChoose: (name: string) => void;
}

/** Where many things belong to a row: all of them by module with their counts, and the rows of the chosen one. */
export function RelatedBrowser({ relations, id, chosen, onChoose }: RelatedBrowserProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const counts = useQueries({
    queries: relations.map(({ resource, field }) => quietCountQuery(resource, { [field.name]: id })),
  });
  const filled = relations.find((_, index) => (counts[index]?.data ?? 0) > 0);
  const current = relations.find((relation) => nameOf(relation) === chosen) ?? filled ?? relations[0];
  const modules = [...new Set(relations.map(({ resource }) => resource.module))];
  const of = (module: string) => relations.filter(({ resource }) => resource.module === module);
  const count = (relation: Relation) => counts[relations.indexOf(relation)]?.data;
  if (!current) return null;
  return (
    <div className="grid gap-4 lg:grid-cols-[16rem_1fr] lg:items-start">
      <Select
        aria-label={t("detail.related")}
        className="lg:hidden"
        value={nameOf(current)}
        onChange={(event) => onChoose(event.target.value)}
      >
        {modules.map((module) => (
          <optgroup key={module} label={labels.module(module)}>
            {of(module).map((relation) => (
              <option key={nameOf(relation)} value={nameOf(relation)}>
                {relationLabel(relation, relations, labels)}
                {count(relation) === undefined ? "" : ` (${format.number(count(relation) ?? 0)})`}
              </option>
            ))}
          </optgroup>
        ))}
      </Select>
      <nav aria-label={t("detail.related")} className="hidden lg:block">
        {modules.map((module) => (
          <div key={module} className="mb-3">
            <p className="px-2.5 pb-1 font-medium text-faint text-xs">{labels.module(module)}</p>
            <ul>
              {of(module).map((relation) => {
                const Icon = iconOf(relation.resource.module, relation.resource.name);
                const on = relation === current;
                const known = count(relation);
                return (
                  <li key={nameOf(relation)}>
                    <button
                      type="button"
                      aria-current={on ? "true" : undefined}
                      onClick={() => onChoose(nameOf(relation))}
                      className={cn(
                        "flex w-full items-center gap-2.5 rounded-lg px-2.5 py-1.5 text-start text-sm",
                        on ? "bg-surface font-medium text-ink shadow-card" : "text-muted hover:bg-hover hover:text-ink",
                        known === 0 && !on && "text-faint",
                      )}
                    >
                      <Icon className={cn("size-4 shrink-0", on ? "text-accent-text" : "text-faint")} aria-hidden />
                      <span className="min-w-0 flex-1 truncate">{relationLabel(relation, relations, labels)}</span>
                      <span className="num text-xs">{known === undefined ? "" : format.number(known)}</span>
                    </button>
                  </li>
                );
              })}
            </ul>
          </div>
        ))}
      </nav>
      <Related key={nameOf(current)} relation={current} id={id} />
    </div>
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
      {data.length === 0 ? (
        <Empty
          icon={iconOf(resource.module, resource.name)}
          title={t("list.none_yet", { what: labels.many(resource) })}
          className="border-line border-t py-10"
        />
      ) : null}
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
