import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FileUp, Plus, SearchX } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Resource, Row } from "@/api/model";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { useNarrow } from "@/lib/media";
import { countQuery, listQuery } from "@/lib/resource-api";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { Select } from "@/ui/field";
import { ChevronEnd, ChevronStart } from "@/ui/icons";
import { PageHead } from "@/ui/page";
import { RowsSkeleton } from "@/ui/skeleton";
import { ModuleTrail } from "../resource-trail";
import { useColumns } from "./columns";
import { FilterChips } from "./filters";
import { RowCards } from "./row-cards";
import { RowTable } from "./row-table";
import { filtersIn, type ListSearch, PAGE_SIZES, pageSize, queryOf, questionOf, withSearch } from "./search";
import { SelectionBar, selectable } from "./selection-bar";
import { StateTabs } from "./state-tabs";
import { Toolbar } from "./toolbar";

const KEEPS_CHOICE = new Set(["after", "page", "sort", "limit", "columns"]);

interface ResourceListProps {
  resource: Resource;
  search: ListSearch;
  onSearch: (search: ListSearch) => void;
  icon: Parameters<typeof Empty>[0]["icon"];
  /** What a page puts between its heading and the list. */
  children?: ReactNode;
}

/** The list of any resource: search, filters, saved views, columns, pages, export, and work on many rows at once. */
export function ResourceList({ resource, search, onSearch, icon, children }: ResourceListProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const narrow = useNarrow();
  const [selected, setSelected] = useState<Row[]>([]);
  const [choosing, setChoosing] = useState(false);
  // The cursors that led here, so that one can turn back; a reader who came by a link turns back to the start.
  const passed = useRef<string[]>([]);
  const rows = useQuery(listQuery(resource, queryOf(resource, search)));
  // Counted once for a question and not again for each of its pages: a large table is slower to count than to read.
  const count = useQuery({ ...countQuery(resource, questionOf(resource, search)), placeholderData: keepPreviousData });
  const asked = search.q !== undefined || Object.keys(filtersIn(resource, search)).length > 0;
  const change = (changes: Record<string, string | undefined>) => {
    // Turning a page, sorting and other columns leave the same rows to choose from; another question does not.
    if (Object.keys(changes).some((name) => !KEEPS_CHOICE.has(name))) setSelected([]);
    if (!("after" in changes) && !("columns" in changes)) passed.current = [];
    onSearch(withSearch(search, changes));
  };
  const columns = useColumns(resource, search.columns, () => change({ columns: undefined }));
  const can = (verb: Resource["verbs"][number]) => resource.verbs.includes(verb);
  const params = { module: resource.module, resource: resource.name };
  const total = count.data;
  const choosable = selectable(resource);
  const page = Math.max(1, Number(search.page) || 1);
  const first = (page - 1) * pageSize(search) + 1;
  const creating = can("create") ? (
    <Button asChild variant="primary">
      <Link to="/$module/$resource/new" params={params}>
        <Plus aria-hidden />
        {t("list.new", { what: labels.one(resource) })}
      </Link>
    </Button>
  ) : null;
  const importing = can("import") ? (
    <Button asChild>
      <Link to="/$module/$resource/import" params={params}>
        <FileUp aria-hidden />
        {t("list.import")}
      </Link>
    </Button>
  ) : null;

  return (
    <>
      <PageHead
        trail={<ModuleTrail resource={resource} />}
        title={labels.many(resource)}
        badge={
          total === undefined ? null : (
            <span className="num rounded-full bg-hover px-2.5 py-0.5 font-medium text-muted text-sm">
              {format.number(total)}
            </span>
          )
        }
        actions={
          <>
            {importing}
            {creating}
          </>
        }
      />
      {children}
      <Card>
        <Toolbar
          resource={resource}
          search={search}
          onChange={change}
          onView={(next) => {
            setSelected([]);
            passed.current = [];
            onSearch(next);
          }}
          columns={columns}
          choosing={
            narrow && choosable
              ? {
                  on: choosing,
                  toggle: () => {
                    setSelected([]);
                    setChoosing(!choosing);
                  },
                }
              : undefined
          }
        />
        <StateTabs resource={resource} search={search} onChange={change} />
        <FilterChips resource={resource} search={search} onChange={change} />
        {selected.length > 0 ? (
          <SelectionBar resource={resource} search={search} rows={selected} total={total} onSelect={setSelected} />
        ) : null}
        {rows.isError ? <ErrorNote error={rows.error} onRetry={rows.refetch} className="m-4" /> : null}
        {rows.isPending ? <RowsSkeleton /> : null}
        {rows.data && rows.data.data.length === 0 ? (
          asked ? (
            <Empty
              icon={SearchX}
              title={t("list.nothing_matches")}
              actions={<Button onClick={() => onSearch({})}>{t("filter.clear_all")}</Button>}
            />
          ) : (
            <Empty
              icon={icon}
              title={t("list.none_yet", { what: labels.many(resource) })}
              actions={
                <>
                  {importing}
                  {creating}
                </>
              }
            >
              {can("import")
                ? t("list.none_yet_import")
                : can("create")
                  ? t("list.none_yet_create")
                  : t("list.none_yet_later")}
            </Empty>
          )
        ) : null}
        {rows.data && rows.data.data.length > 0 ? (
          narrow ? (
            <RowCards
              resource={resource}
              rows={rows.data.data}
              fields={columns.shown}
              selected={selected}
              onSelect={choosing ? setSelected : undefined}
            />
          ) : (
            <RowTable
              resource={resource}
              rows={rows.data.data}
              fields={columns.shown}
              search={search}
              onSort={(sort) => change({ sort })}
              selected={selected}
              onSelect={choosable ? setSelected : undefined}
              fading={rows.isPlaceholderData}
            />
          )
        ) : null}
        {rows.data && (rows.data.next || search.after || rows.data.data.length > Math.min(...PAGE_SIZES)) ? (
          <nav
            aria-label={t("list.pages")}
            className="flex flex-wrap items-center justify-between gap-3 px-4 py-3 text-muted text-sm"
          >
            <Button
              size="sm"
              disabled={!search.after}
              onClick={() => {
                const previous = passed.current.pop();
                change({
                  after: previous === "" ? undefined : previous,
                  page: previous && page > 2 ? String(page - 1) : undefined,
                });
              }}
            >
              <ChevronStart />
              {passed.current.length > 0 || !search.after ? t("list.previous") : t("list.first_page")}
            </Button>
            <div className="flex flex-wrap items-center gap-3">
              {total === undefined || (search.after && page === 1) ? null : (
                <p className="num">
                  {t("list.range", {
                    from: format.number(first),
                    to: format.number(first + rows.data.data.length - 1),
                    total: format.number(total),
                  })}
                </p>
              )}
              <Select
                aria-label={t("list.page_size")}
                value={pageSize(search)}
                onChange={(event) => change({ limit: event.target.value, after: undefined })}
                className="h-8 w-auto max-sm:hidden"
              >
                {PAGE_SIZES.map((size) => (
                  <option key={size} value={size}>
                    {t("list.per_page", { size: format.number(size) })}
                  </option>
                ))}
              </Select>
            </div>
            <Button
              size="sm"
              disabled={!rows.data.next || rows.isPlaceholderData}
              onClick={() => {
                passed.current.push(search.after ?? "");
                change({ after: rows.data?.next ?? undefined, page: String(page + 1) });
              }}
            >
              {t("list.next")}
              <ChevronEnd />
            </Button>
          </nav>
        ) : null}
      </Card>
    </>
  );
}
