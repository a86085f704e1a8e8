import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FileUp, Plus, SearchX } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Resource, Row } from "@/api/model";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { useNarrow } from "@/lib/media";
import { listQuery } from "@/lib/resource-api";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { ChevronEnd, ChevronStart } from "@/ui/icons";
import { PageHead } from "@/ui/page";
import { RowsSkeleton } from "@/ui/skeleton";
import { useColumns } from "./columns";
import { FilterChips } from "./filters";
import { RowCards } from "./row-cards";
import { RowTable } from "./row-table";
import { filtersIn, type ListSearch, queryOf, withSearch } from "./search";
import { SelectionBar } from "./selection-bar";
import { Toolbar } from "./toolbar";

interface ResourceListProps {
  resource: Resource;
  search: ListSearch;
  onSearch: (search: ListSearch) => void;
  icon: Parameters<typeof Empty>[0]["icon"];
  /** What a page puts between its heading and the list. */
  children?: ReactNode;
}

/** The list of any resource: search, filters, columns, pages, export, and choosing rows to delete. */
export function ResourceList({ resource, search, onSearch, icon, children }: ResourceListProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const narrow = useNarrow();
  const columns = useColumns(resource);
  const [selected, setSelected] = useState<Row[]>([]);
  // The cursors that led here, so that one can turn back; a reader who came by a link turns back to the start.
  const passed = useRef<string[]>([]);
  const rows = useQuery(listQuery(resource, queryOf(resource, search)));
  const asked = search.q !== undefined || Object.keys(filtersIn(resource, search)).length > 0;
  const change = (changes: Record<string, string | undefined>) => {
    setSelected([]);
    if (!("after" in changes)) passed.current = [];
    onSearch(withSearch(search, changes));
  };
  const can = (verb: Resource["verbs"][number]) => resource.verbs.includes(verb);
  const params = { module: resource.module, resource: resource.name };
  const total = rows.data?.total;
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
        <Toolbar resource={resource} search={search} onChange={change} columns={columns} />
        <FilterChips resource={resource} search={search} onChange={change} />
        {selected.length > 0 ? (
          <SelectionBar resource={resource} rows={selected} onDone={() => setSelected([])} />
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
              {can("import") ? t("list.none_yet_import") : null}
            </Empty>
          )
        ) : null}
        {rows.data && rows.data.data.length > 0 ? (
          narrow ? (
            <RowCards resource={resource} rows={rows.data.data} fields={columns.shown} />
          ) : (
            <RowTable
              resource={resource}
              rows={rows.data.data}
              fields={columns.shown}
              search={search}
              onSort={(sort) => change({ sort })}
              selected={selected}
              onSelect={can("bulk") && can("delete") ? setSelected : undefined}
              fading={rows.isPlaceholderData}
            />
          )
        ) : null}
        {rows.data && (rows.data.next || search.after) ? (
          <nav
            aria-label={t("list.pages")}
            className="flex items-center justify-between gap-3 px-4 py-3 text-muted text-sm"
          >
            <Button
              size="sm"
              disabled={!search.after}
              onClick={() => {
                const previous = passed.current.pop();
                change({ after: previous === "" ? undefined : previous });
              }}
            >
              <ChevronStart />
              {passed.current.length > 0 || !search.after ? t("list.previous") : t("list.first_page")}
            </Button>
            <Button
              size="sm"
              disabled={!rows.data.next || rows.isPlaceholderData}
              onClick={() => {
                passed.current.push(search.after ?? "");
                change({ after: rows.data?.next ?? undefined });
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
