import { Check, Minus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Select } from "@/ui/field";
import { Switch } from "@/ui/switch";
import type { CellProps, FilterProps, InputProps, Kind } from "./kind";
import { isEmpty } from "./kind";
import { Nothing } from "./shared";

function Input({ id, field, value, onChange, disabled, describedBy }: InputProps) {
  return (
    <div className="flex h-9 items-center">
      <Switch
        id={id}
        name={field.name}
        checked={value === true}
        onCheckedChange={onChange}
        disabled={disabled ?? false}
        aria-describedby={describedBy}
      />
    </div>
  );
}

function Cell({ value }: CellProps) {
  const { t } = useTranslation();
  if (isEmpty(value)) return <Nothing />;
  const Icon = value ? Check : Minus;
  return (
    <span className="inline-flex items-center gap-1.5">
      <Icon className={value ? "size-4 text-ok" : "size-4 text-faint"} aria-hidden />
      {value ? t("common.yes") : t("common.no")}
    </span>
  );
}

function Filter({ id, get, set }: FilterProps) {
  const { t } = useTranslation();
  return (
    <Select id={id} value={get("") ?? ""} onChange={(event) => set("", event.target.value || undefined)}>
      <option value="">{t("filter.any")}</option>
      <option value="true">{t("common.yes")}</option>
      <option value="false">{t("common.no")}</option>
    </Select>
  );
}

export const boolean: Kind = { Input, Cell, Filter };
