import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { latinDigits } from "@/lib/format";
import { DateField } from "@/ui/date-field";
import { Checkbox, Input, Select } from "@/ui/field";
import type { FilterProps, InputProps } from "./kind";

/** Nothing is shown as a quiet dash, so that an empty cell is not taken for one that failed to load. */
export function Nothing() {
  const { t } = useTranslation();
  return (
    <span className="text-faint">
      <span aria-hidden="true">{"—"}</span>
      <span className="sr-only">{t("common.empty_value")}</span>
    </span>
  );
}

interface LineInputProps extends InputProps {
  type?: string;
  inputMode?: "text" | "numeric" | "decimal" | "tel" | "email";
  /** Codes and numbers run left to right in Arabic too. */
  code?: boolean;
  clean?: (text: string) => string;
  unit?: ReactNode;
}

export function LineInput({
  id,
  field,
  value,
  onChange,
  onBlur,
  disabled,
  invalid,
  describedBy,
  ...more
}: LineInputProps) {
  const { clean = (text) => text, code, unit } = more;
  const input = (
    <Input
      id={id}
      name={field.name}
      type={more.type ?? "text"}
      inputMode={more.inputMode}
      dir={code ? "ltr" : "auto"}
      autoComplete="off"
      value={value === null || value === undefined ? "" : String(value)}
      onChange={(event) => onChange(clean(event.target.value))}
      onBlur={onBlur}
      disabled={disabled}
      aria-invalid={invalid || undefined}
      aria-describedby={describedBy}
      aria-required={field.required || undefined}
      className={code ? "num text-page-start" : "text-page-start"}
    />
  );
  if (!unit) return input;
  return (
    <div className="flex items-center gap-2">
      {input}
      <span className="shrink-0 text-muted text-sm">{unit}</span>
    </div>
  );
}

export function NumberInput(props: InputProps & { unit?: ReactNode; whole?: boolean }) {
  return <LineInput {...props} code inputMode={props.whole ? "numeric" : "decimal"} clean={latinDigits} />;
}

/** A figure and what it counts; the figure keeps its order of digits inside Arabic text. */
export function Amount({ text, unit }: { text: string; unit: string | undefined }) {
  return (
    <span className="num whitespace-nowrap">
      <bdi>{text}</bdi>
      {unit ? <span className="ms-1 text-faint text-xs">{unit}</span> : null}
    </span>
  );
}

export function emptyToNull(value: unknown): unknown {
  return typeof value === "string" && value.trim() === "" ? null : value;
}

interface RangeProps extends FilterProps {
  dates?: boolean;
}

/** From – to, both ends included. */
export function RangeFilter({ id, get, set, dates }: RangeProps) {
  const { t } = useTranslation();
  const ends = [
    { operator: "gte" as const, label: t("filter.from") },
    { operator: "lte" as const, label: t("filter.to") },
  ];
  return (
    <div className="grid grid-cols-2 gap-2">
      {ends.map(({ operator, label }) => (
        <div key={operator}>
          <label htmlFor={`${id}-${operator}`} className="mb-1 block text-faint text-xs">
            {label}
          </label>
          {dates ? (
            <DateField
              id={`${id}-${operator}`}
              value={get(operator) ?? null}
              onChange={(value) => set(operator, value ?? undefined)}
            />
          ) : (
            <Input
              id={`${id}-${operator}`}
              inputMode="decimal"
              className="num"
              value={get(operator) ?? ""}
              onChange={(event) => set(operator, latinDigits(event.target.value) || undefined)}
            />
          )}
        </div>
      ))}
    </div>
  );
}

export function ContainsFilter({ id, get, set }: FilterProps) {
  const { t } = useTranslation();
  return (
    <Input
      id={id}
      value={get("contains") ?? ""}
      placeholder={t("filter.contains")}
      onChange={(event) => set("contains", event.target.value || undefined)}
    />
  );
}

/** A whole value: for codes that are looked up as they stand. */
export function EqualsFilter({ id, get, set }: FilterProps) {
  const { t } = useTranslation();
  return (
    <Input
      id={id}
      value={get("") ?? ""}
      placeholder={t("filter.equals")}
      onChange={(event) => set("", latinDigits(event.target.value) || undefined)}
    />
  );
}

/** Whether there is a value at all. */
export function PresenceFilter({ id, get, set }: FilterProps) {
  const { t } = useTranslation();
  return (
    <Select id={id} value={get("null") ?? ""} onChange={(event) => set("null", event.target.value || undefined)}>
      <option value="">{t("filter.any")}</option>
      <option value="false">{t("filter.present")}</option>
      <option value="true">{t("filter.absent")}</option>
    </Select>
  );
}

/** Asks for the rows that name nobody; it stands in place of a choice, not beside one. */
export function NoneBox({ id, field, get, set }: Pick<FilterProps, "id" | "field" | "get" | "set">) {
  const { t } = useTranslation();
  if (field.required) return null;
  const none = get("null") === "true";
  return (
    <label htmlFor={`${id}-none`} className="flex items-center gap-2 text-muted text-sm">
      <Checkbox
        id={`${id}-none`}
        checked={none}
        onChange={() => {
          set("", undefined);
          set("null", none ? undefined : "true");
        }}
      />
      {t("filter.none_set")}
    </label>
  );
}
