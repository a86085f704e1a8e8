import { useMutation } from "@tanstack/react-query";
import { Columns3, Download, Search, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Resource } from "@/api/model";
import { download } from "@/lib/api";
import { useDebouncedText } from "@/lib/debounce";
import { useLabels } from "@/lib/labels";
import { Button } from "@/ui/button";
import { wordsFor } from "@/ui/error-note";
import { Checkbox, Input } from "@/ui/field";
import { Menu, MenuItem } from "@/ui/menu";
import { Popover } from "@/ui/popover";
import { toast } from "@/ui/toast";
import type { Columns } from "./columns";
import { FilterButton } from "./filters";
import { filtersIn, type ListSearch } from "./search";

interface ToolbarProps {
  resource: Resource;
  search: ListSearch;
  onChange: (changes: Record<string, string | undefined>) => void;
  columns: Columns;
}

export function Toolbar({ resource, search, onChange, columns }: ToolbarProps) {
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

function ColumnChoice({ resource, columns }: { resource: Resource; columns: Columns }) {
  const { t } = useTranslation();
  const labels = useLabels();
  return (
    <Popover
      align="end"
      label={t("list.columns")}
      className="w-72"
      trigger={
        <Button size="icon" aria-label={t("list.columns")} title={t("list.columns")} className="max-md:hidden">
          <Columns3 aria-hidden />
        </Button>
      }
    >
      <div className="mb-2 flex items-center justify-between">
        <p className="font-medium text-sm">{t("list.columns")}</p>
        <Button variant="link" size="sm" onClick={columns.reset}>
          {t("list.reset_columns")}
        </Button>
      </div>
      <ul className="scroll-thin -mx-1 max-h-80 overflow-y-auto">
        {resource.fields.map((field) => (
          <li key={field.name}>
            <label
              htmlFor={`column-${field.name}`}
              className="flex items-center gap-2.5 rounded-md px-2 py-1.5 text-sm hover:bg-hover"
            >
              <Checkbox
                id={`column-${field.name}`}
                checked={columns.isShown(field.name)}
                onChange={() => columns.toggle(field.name)}
              />
              <span className="truncate">{labels.field(resource, field.name)}</span>
            </label>
          </li>
        ))}
      </ul>
    </Popover>
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
