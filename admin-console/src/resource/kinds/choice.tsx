import { useTranslation } from "react-i18next";
import { useLabels } from "@/lib/labels";
import { Badge } from "@/ui/badge";
import { Checkbox, Select } from "@/ui/field";
import type { CellProps, FilterProps, InputProps, Kind } from "./kind";
import { isEmpty } from "./kind";
import { emptyToNull, Nothing } from "./shared";
import { toneOf } from "./tone";

function Input({ id, field, resource, value, onChange, onBlur, disabled, invalid, describedBy }: InputProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  return (
    <Select
      id={id}
      name={field.name}
      value={isEmpty(value) ? "" : String(value)}
      onChange={(event) => onChange(event.target.value || null)}
      onBlur={onBlur}
      disabled={disabled}
      aria-invalid={invalid || undefined}
      aria-describedby={describedBy}
      aria-required={field.required || undefined}
    >
      <option value="">{t("common.choose")}</option>
      {(field.values ?? []).map((choice) => (
        <option key={choice} value={choice}>
          {labels.choice(resource, field.name, choice)}
        </option>
      ))}
    </Select>
  );
}

/** States have colours; other choices (a city, a make, a fuel) are words like any other. */
function Cell({ field, resource, value }: CellProps) {
  const labels = useLabels();
  if (isEmpty(value)) return <Nothing />;
  const text = labels.choice(resource, field.name, String(value));
  if (!/(^|_)(status|state)$/.test(field.name)) return <span>{text}</span>;
  return (
    <Badge tone={toneOf(String(value))} dot>
      {text}
    </Badge>
  );
}

function Filter({ id, field, resource, get, set }: FilterProps) {
  const labels = useLabels();
  const one = get("");
  const chosen = new Set((get("in") ?? one ?? "").split(",").filter(Boolean));
  function toggle(choice: string) {
    if (!chosen.delete(choice)) chosen.add(choice);
    if (one !== undefined) set("", undefined);
    set("in", [...chosen].join(",") || undefined);
  }
  return (
    <div className="flex flex-wrap gap-x-4 gap-y-1.5">
      {(field.values ?? []).map((choice) => (
        <label key={choice} htmlFor={`${id}-${choice}`} className="flex items-center gap-2 text-sm">
          <Checkbox id={`${id}-${choice}`} checked={chosen.has(choice)} onChange={() => toggle(choice)} />
          {labels.choice(resource, field.name, choice)}
        </label>
      ))}
    </div>
  );
}

export const choice: Kind = { Input, Cell, Filter, toBody: emptyToNull };
