import { useMutation } from "@tanstack/react-query";
import { Download, ListChecks, Search, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Resource } from "@/api/model";
import { download } from "@/lib/api";
import { useDebouncedText } from "@/lib/debounce";
import { useLabels } from "@/lib/labels";
import { Button } from "@/ui/button";
import { wordsFor } from "@/ui/error-note";
import { Input } from "@/ui/field";
import { Menu, MenuItem } from "@/ui/menu";
import { toast } from "@/ui/toast";
import { ColumnChoice } from "./column-choice";
import type { Columns } from "./columns";
import { FilterButton } from "./filters";
import { filtersIn, type ListSearch } from "./search";
import { ViewMenu } from "./view-menu";

interface ToolbarProps {
  resource: Resource;
  search: ListSearch;
  onChange: (changes: Record<string, string | undefined>) => void;
  onView: (search: ListSearch) => void;
  columns: Columns;
  /** On a phone rows are only chosen in a mode of its own; undefined where they cannot be. */
  choosing?: { on: boolean; toggle: () => void } | undefined;
}

export function Toolbar({ resource, search, onChange, onView, columns, choosing }: ToolbarProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const searchable = resource.fields.some((field) => field.search);
  return (
    <div className="flex flex-wrap items-center gap-2 p-4">
      {searchable ? (
        <SearchBox
          label={t("list.search_in", { what: labels.many(resource) })}
          value={search.q ?? ""}
          onChange={(q) => onChange({ q: q || undefined })}
        />
      ) : null}
      <FilterButton resource={resource} search={search} onChange={onChange} />
      <div className="ms-auto flex items-center gap-2">
        {choosing ? (
          <Button size="icon" aria-label={t("list.choose_rows")} aria-pressed={choosing.on} onClick={choosing.toggle}>
            <ListChecks aria-hidden />
          </Button>
        ) : null}
        <ViewMenu resource={resource} search={search} columns={columns.names} onView={onView} />
        <ColumnChoice resource={resource} columns={columns} />
        {resource.verbs.includes("export") ? <ExportMenu resource={resource} search={search} /> : null}
      </div>
    </div>
  );
}

export function SearchBox({ label, value, onChange }: { label: string; value: string; onChange: (q: string) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useDebouncedText(value, onChange);
  return (
    <div className="relative max-w-md flex-1 max-sm:basis-full sm:min-w-48">
      <Search className="pointer-events-none absolute inset-y-0 start-3 my-auto size-4 text-faint" aria-hidden />
      <Input
        type="search"
        aria-label={label}
        placeholder={label}
        value={text}
        onChange={(event) => setText(event.target.value)}
        className="ps-9 pe-8"
      />
      {text ? (
        <button
          type="button"
          aria-label={t("common.clear")}
          onClick={() => setText("")}
          className="absolute inset-y-0 end-2 my-auto h-fit rounded p-1 text-faint hover:text-ink"
        >
          <X className="size-4" aria-hidden />
        </button>
      ) : null}
    </div>
  );
}

const FORMATS = ["csv", "xlsx"] as const;

function ExportMenu({ resource, search }: { resource: Resource; search: ListSearch }) {
  const { t } = useTranslation();
  const save = useMutation({
    mutationFn: (format: (typeof FORMATS)[number]) =>
      download(
        `${resource.path}/export`,
        { format, ...filtersIn(resource, search), search: search.q, sort: search.sort },
        `${resource.name}.${format}`,
      ),
    onSuccess: () => toast(t("list.exported")),
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  return (
    <Menu
      trigger={
        <Button size="icon" busy={save.isPending} aria-label={t("list.export")} title={t("list.export")}>
          {save.isPending ? null : <Download aria-hidden />}
        </Button>
      }
    >
      {FORMATS.map((format) => (
        <MenuItem key={format} onSelect={() => save.mutate(format)}>
          {t(`list.export_${format}`)}
        </MenuItem>
      ))}
    </Menu>
  );
}
