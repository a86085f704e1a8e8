import { ArrowDown, ArrowUp, Columns3 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Field, Resource } from "@/api/model";
import { fold } from "@/lib/fold";
import { useLabels } from "@/lib/labels";
import { Button } from "@/ui/button";
import { Checkbox, Input } from "@/ui/field";
import { Popover } from "@/ui/popover";
import { fieldsOf } from "../system-fields";
import type { Columns } from "./columns";

/** From this many fields on one looks for a column by name. */
const SEARCHED_FROM = 12;

/** Which columns the list shows, and in which order: the shown ones first, then what could be. */
export function ColumnChoice({ resource, columns }: { resource: Resource; columns: Columns }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const [text, setText] = useState("");
  const all = fieldsOf(resource);
  const fits = (field: Field) => fold(labels.field(resource, field.name)).includes(fold(text));
  const others = all.filter((field) => !columns.isShown(field.name)).filter(fits);
  const line = (field: Field) => (
    <label
      htmlFor={`column-${field.name}`}
      className="flex min-w-0 flex-1 items-center gap-2.5 rounded-md px-2 py-1.5 text-sm hover:bg-hover"
    >
      <Checkbox
        id={`column-${field.name}`}
        checked={columns.isShown(field.name)}
        onChange={() => columns.toggle(field.name)}
      />
      <span className="truncate">{labels.field(resource, field.name)}</span>
    </label>
  );
  return (
    <Popover
      align="end"
      label={t("list.columns")}
      className="w-80"
      trigger={
        <Button size="icon" aria-label={t("list.columns")} title={t("list.columns")}>
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
      {all.length >= SEARCHED_FROM ? (
        <Input
          type="search"
          aria-label={t("list.find_column")}
          placeholder={t("list.find_column")}
          value={text}
          onChange={(event) => setText(event.target.value)}
          className="mb-2 h-8"
        />
      ) : null}
      <div className="scroll-thin -mx-1 max-h-96 overflow-y-auto">
        <ol>
          {columns.shown.filter(fits).map((field, index, shown) => (
            <li key={field.name} className="flex items-center">
              {line(field)}
              <Button
                variant="ghost"
                size="icon-sm"
                aria-label={t("list.column_up", { column: labels.field(resource, field.name) })}
                disabled={index === 0}
                onClick={() => columns.move(field.name, -1)}
              >
                <ArrowUp aria-hidden />
              </Button>
              <Button
                variant="ghost"
                size="icon-sm"
                aria-label={t("list.column_down", { column: labels.field(resource, field.name) })}
                disabled={index === shown.length - 1}
                onClick={() => columns.move(field.name, 1)}
              >
                <ArrowDown aria-hidden />
              </Button>
            </li>
          ))}
        </ol>
        <ul className="mt-1 border-line border-t pt-1">
          {others.map((field) => (
            <li key={field.name}>{line(field)}</li>
          ))}
        </ul>
      </div>
    </Popover>
  );
}
