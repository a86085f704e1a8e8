import { Plus, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Field, Resource } from "@/api/model";
import { useLabels } from "@/lib/labels";
import { Button } from "@/ui/button";
import { Input, Select } from "@/ui/field";
import { kindOf } from "../kinds/registry";
import type { Source, Upload } from "./import-api";
import { mustBeSet } from "./must-be-set";
import { ValueTranslation } from "./value-translation";

const NOTHING = "";
const CONSTANT = "\u0000constant";

interface SourceEditorProps {
  resource: Resource;
  field: Field;
  columns: Upload["columns"];
  source: Source | undefined;
  unmatched?: string[] | undefined;
  onChange: (source: Source | undefined) => void;
}

/** Where one field comes from: nowhere, a column, several joined, or one value for all rows; with samples to judge by. */
export function SourceEditor({ resource, field, columns, source, unmatched, onChange }: SourceEditorProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const label = labels.field(resource, field.name);
  const id = `source-${field.name}`;
  const chosen = source?.columns ?? [];
  const constant = source?.constant !== undefined;
  const joined = chosen.length > 1;

  function choose(value: string) {
    if (value === NOTHING) onChange(undefined);
    else if (value === CONSTANT) onChange({ constant: "" });
    else onChange({ ...keepValues(source), columns: [value] });
  }

  function setColumn(index: number, name: string) {
    const next = name === NOTHING ? chosen.filter((_, at) => at !== index) : chosen.with(index, name);
    onChange({ ...keepValues(source), columns: next, ...(next.length > 1 ? { join: source?.join ?? " " } : {}) });
  }

  const options = columns.map((column) => (
    <option key={column.name} value={column.name}>
      {column.name}
    </option>
  ));

  return (
    <li className="grid gap-x-6 gap-y-2 px-5 py-3.5 md:grid-cols-[minmax(9rem,14rem)_minmax(14rem,24rem)_1fr]">
      <div className="min-w-0 md:pt-1.5">
        <label htmlFor={id} className="font-medium text-sm">
          {label}
          {mustBeSet(field) ? (
            <span className="ms-1 text-bad" aria-hidden="true">
              {"*"}
            </span>
          ) : null}
        </label>
        <p className="text-faint text-xs">{field.unique ? t("import.unique_field") : t(`kind.${field.kind}`)}</p>
      </div>
      <div className="min-w-0 space-y-2">
        <Select
          id={id}
          value={constant ? CONSTANT : (chosen[0] ?? NOTHING)}
          onChange={(event) => choose(event.target.value)}
          className={chosen.length === 0 && !constant ? "text-faint" : ""}
        >
          <option value={NOTHING}>{t("import.not_imported")}</option>
          <optgroup label={t("import.columns_group")}>{options}</optgroup>
          <option value={CONSTANT}>{t("import.constant")}</option>
        </Select>
        {chosen.slice(1).map((name, index) => (
          <div key={name} className="flex gap-2">
            <Select
              aria-label={t("import.joined_with", { label })}
              value={name}
              onChange={(event) => setColumn(index + 1, event.target.value)}
            >
              {options}
            </Select>
            <Button
              variant="ghost"
              size="icon"
              aria-label={t("import.remove_column")}
              onClick={() => setColumn(index + 1, NOTHING)}
            >
              <X aria-hidden />
            </Button>
          </div>
        ))}
        {joined ? (
          <div className="flex items-center gap-2">
            <label htmlFor={`${id}-join`} className="shrink-0 text-muted text-sm">
              {t("import.joined_by")}
            </label>
            <Input
              id={`${id}-join`}
              value={source?.join ?? ""}
              onChange={(event) => onChange({ ...source, join: event.target.value })}
              className="h-8 w-24"
            />
          </div>
        ) : null}
        {chosen.length > 0 && columns.length > chosen.length && field.kind !== "choice" ? (
          <Button
            variant="link"
            size="sm"
            onClick={() => {
              const free = columns.find((column) => !chosen.includes(column.name));
              if (free) setColumn(chosen.length, free.name);
            }}
          >
            <Plus aria-hidden />
            {t("import.join_column")}
          </Button>
        ) : null}
        {constant ? <Constant resource={resource} field={field} source={source} onChange={onChange} /> : null}
      </div>
      <div className="min-w-0 md:pt-1.5">
        {chosen.length > 0 ? <Samples columns={columns} source={source} /> : null}
        {field.kind === "choice" && chosen.length > 0 ? (
          <ValueTranslation
            resource={resource}
            field={field}
            found={valuesToTranslate(columns, source, unmatched)}
            source={source ?? {}}
            onChange={onChange}
          />
        ) : null}
      </div>
    </li>
  );
}

function keepValues(source: Source | undefined): Source {
  return source?.values ? { values: source.values } : {};
}

/** What may need translating: what the dry run could not place, what is translated already, and the samples. */
function valuesToTranslate(columns: Upload["columns"], source: Source | undefined, unmatched: string[] = []): string[] {
  const samples = columns.find((column) => column.name === source?.columns?.[0])?.samples ?? [];
  const known = Object.keys(source?.values ?? {});
  return [...new Set([...unmatched, ...known, ...samples.map((sample) => sample.trim())])].filter(Boolean);
}

function Constant({ resource, field, source, onChange }: Omit<SourceEditorProps, "columns">) {
  const { t } = useTranslation();
  const { Input: KindInput } = kindOf(field.kind);
  return (
    <div>
      <label htmlFor={`constant-${field.name}`} className="sr-only">
        {t("import.constant")}
      </label>
      <KindInput
        id={`constant-${field.name}`}
        field={field}
        resource={resource}
        value={field.kind === "boolean" ? source?.constant === "true" : (source?.constant ?? "")}
        onChange={(value) => onChange({ constant: value === null || value === undefined ? "" : String(value) })}
      />
    </div>
  );
}

function Samples({ columns, source }: { columns: Upload["columns"]; source: Source | undefined }) {
  const { t } = useTranslation();
  const lists = (source?.columns ?? []).map((name) => columns.find((column) => column.name === name)?.samples ?? []);
  const longest = Math.max(0, ...lists.map((list) => list.length));
  const lines = Array.from({ length: longest }, (_, index) =>
    lists
      .map((list) => (list[index] ?? "").trim())
      .filter(Boolean)
      .join(source?.join ?? " "),
  );
  const distinct = [...new Set(lines.filter(Boolean))];
  if (distinct.length === 0) return <p className="text-faint text-sm">{t("import.column_empty")}</p>;
  return (
    <p className="truncate text-muted text-sm" title={distinct.join("\n")}>
      <span className="sr-only">{t("import.samples")}</span>
      {distinct.map((sample, index) => (
        <span key={sample}>
          {index > 0 ? <span className="mx-1.5 text-faint">{"·"}</span> : null}
          <bdi>{sample}</bdi>
        </span>
      ))}
    </p>
  );
}
