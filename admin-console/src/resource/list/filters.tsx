import { useQuery } from "@tanstack/react-query";
import { ChevronDown, ListFilter, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Field, Resource } from "@/api/model";
import { useResource } from "@/lib/account";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { rowQuery, titleOf } from "@/lib/resource-api";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import type { Operator } from "../kinds/kind";
import { MemberName } from "../kinds/member";
import { kindOf } from "../kinds/registry";
import { findField } from "../system-fields";
import { filterFields, filterName, filtersIn, type ListSearch } from "./search";

interface FiltersProps {
  resource: Resource;
  search: ListSearch;
  onChange: (changes: Record<string, string | undefined>) => void;
}

/** All filters of a resource in a sheet; they are tried out in a draft and asked for together. */
export function FilterButton({ resource, search, onChange }: FiltersProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const [open, setOpen] = useState(false);
  const [draft, setDraft] = useState<Record<string, string | undefined>>({});
  const { main, more } = filterFields(resource);
  const current = filtersIn(resource, search);
  const count = Object.keys(current).length;
  const inMore = more.some((field) => Object.keys(current).some((name) => name.split(".")[0] === field.name));
  const [all, setAll] = useState(false);

  function show(next: boolean) {
    setDraft(current);
    setAll(inMore || main.length === 0);
    setOpen(next);
  }

  function apply(filters: Record<string, string | undefined>) {
    const cleared = Object.fromEntries(Object.keys(current).map((name) => [name, undefined]));
    onChange({ ...cleared, ...filters });
    setOpen(false);
  }

  const ask = (field: Field) => {
    const { Filter } = kindOf(field.kind);
    return (
      <fieldset key={field.name}>
        <legend className="mb-1.5 font-medium text-sm">{labels.field(resource, field.name)}</legend>
        <Filter
          id={`filter-${field.name}`}
          field={field}
          resource={resource}
          get={(operator) => draft[filterName(field.name, operator)]}
          set={(operator, value) => setDraft((before) => ({ ...before, [filterName(field.name, operator)]: value }))}
        />
      </fieldset>
    );
  };

  return (
    <>
      <Button onClick={() => show(true)}>
        <ListFilter aria-hidden />
        {t("filter.filters")}
        {count > 0 ? <span className="num rounded-full bg-accent px-1.5 text-accent-ink text-xs">{count}</span> : null}
      </Button>
      <Dialog
        sheet
        open={open}
        onOpenChange={show}
        title={t("filter.filters")}
        footer={
          <>
            <Button onClick={() => apply({})}>{t("filter.clear_all")}</Button>
            <Button variant="primary" onClick={() => apply(draft)}>
              {t("filter.apply")}
            </Button>
          </>
        }
      >
        <div className="space-y-5">
          {main.map(ask)}
          {more.length > 0 && main.length > 0 ? (
            <Button variant="ghost" size="sm" aria-expanded={all} onClick={() => setAll(!all)}>
              <ChevronDown aria-hidden className={cn(!all && "-rotate-90 rtl:rotate-90")} />
              {t("filter.more", { count: more.length })}
            </Button>
          ) : null}
          {all ? more.map(ask) : null}
        </div>
      </Dialog>
    </>
  );
}

/** The filters in force, each to be taken away by itself. */
export function FilterChips({ resource, search, onChange }: FiltersProps) {
  const { t } = useTranslation();
  const filters = Object.entries(filtersIn(resource, search));
  if (filters.length === 0) return null;
  return (
    <ul className="flex flex-wrap gap-2 px-4 pb-3">
      {filters.map(([name, value]) => {
        const dot = name.indexOf(".");
        const fieldName = dot < 0 ? name : name.slice(0, dot);
        const operator = (dot < 0 ? "" : name.slice(dot + 1)) as Operator;
        const field = findField(resource, fieldName);
        if (!field) return null;
        return (
          <li
            key={name}
            className="inline-flex max-w-full items-center gap-1 rounded-full bg-accent-soft py-0.5 ps-3 pe-1 text-accent-text text-sm"
          >
            <Words resource={resource} field={field} operator={operator} value={value} />
            <button
              type="button"
              aria-label={t("filter.remove")}
              onClick={() => onChange({ [name]: undefined })}
              className="rounded-full p-1 hover:bg-hover"
            >
              <X className="size-3.5" aria-hidden />
            </button>
          </li>
        );
      })}
      <li>
        <Button
          size="sm"
          variant="ghost"
          className="h-7"
          onClick={() => onChange(Object.fromEntries(filters.map(([name]) => [name, undefined])))}
        >
          {t("filter.clear_all")}
        </Button>
      </li>
    </ul>
  );
}

interface WordsProps {
  resource: Resource;
  field: Field;
  operator: Operator;
  value: string;
}

function Words({ resource, field, operator, value }: WordsProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const label = labels.field(resource, field.name);
  if (operator === "null") {
    return (
      <span className="truncate">
        {value === "true" ? t("filter.is_empty", { label }) : t("filter.is_set", { label })}
      </span>
    );
  }
  if (field.kind === "reference") return <ReferenceWords label={label} to={field.to ?? ""} id={value} />;
  if (field.kind === "member") {
    return (
      <span className="truncate">
        {label}
        {": "}
        <MemberName id={value} />
      </span>
    );
  }
  const shown = (one: string) => {
    if (field.kind === "choice") return labels.choice(resource, field.name, one);
    if (field.kind === "date") return format.date(one);
    if (field.kind === "instant") return format.instant(one);
    if (field.kind === "boolean") return one === "true" ? t("common.yes") : t("common.no");
    return one;
  };
  const text = operator === "in" || operator === "ne" ? format.list(value.split(",").map(shown)) : shown(value);
  const relation = {
    "": "filter.is",
    in: "filter.is",
    ne: "filter.is_not",
    contains: "filter.holds",
    starts: "filter.begins",
    gte: "filter.least",
    gt: "filter.above",
    lte: "filter.most",
    lt: "filter.below",
  };
  return <span className="truncate">{t(relation[operator] as "filter.is", { label, value: text })}</span>;
}

function ReferenceWords({ label, to, id }: { label: string; to: string; id: string }) {
  const { t } = useTranslation();
  const target = useResource(to);
  if (!target) return <span className="truncate">{t("filter.is", { label, value: id.slice(-8) })}</span>;
  return <ReferenceTitle label={label} target={target} id={id} />;
}

function ReferenceTitle({ label, target, id }: { label: string; target: Resource; id: string }) {
  const { t } = useTranslation();
  const row = useQuery(rowQuery(target, id));
  const value = row.data ? titleOf(target, row.data) : id.slice(-8);
  return <span className="truncate">{t("filter.is", { label, value })}</span>;
}
