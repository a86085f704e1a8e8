import { useTranslation } from "react-i18next";
import { fromLocalInput, toLocalInput } from "@/lib/calendar";
import { timeZone, useFormat } from "@/lib/format";
import { DateField } from "@/ui/date-field";
import { Input as TextInput } from "@/ui/field";
import type { CellProps, FilterProps, InputProps, Kind } from "./kind";
import { isEmpty } from "./kind";
import { Nothing, RangeFilter } from "./shared";

/** Splits a moment into day and time on the organization's clock; half a moment stays in the form as it is. */
function parts(value: unknown): [string | null, string] {
  if (isEmpty(value)) return [null, ""];
  const text = String(value);
  if (!text.endsWith("Z")) return [text.split("T")[0] || null, text.split("T")[1] ?? ""];
  const [day = "", time = ""] = toLocalInput(text, timeZone()).split("T");
  return [day, time];
}

function joined(day: string | null, time: string): string | null {
  if (!day) return null;
  try {
    return fromLocalInput(`${day}T${time || "00:00"}`, timeZone());
  } catch {
    return `${day}T${time}`;
  }
}

function Input({ id, value, onChange, onBlur, disabled, invalid, describedBy }: InputProps) {
  const { t } = useTranslation();
  const [day, time] = parts(value);
  return (
    <div className="grid grid-cols-[1fr_7.5rem] gap-2">
      <DateField
        id={id}
        value={day}
        onChange={(next) => onChange(joined(next, time))}
        {...(onBlur ? { onBlur } : {})}
        disabled={disabled ?? false}
        invalid={invalid ?? false}
        describedBy={describedBy}
      />
      <TextInput
        type="time"
        aria-label={t("date.time")}
        value={time}
        disabled={disabled || !day}
        onChange={(event) => onChange(joined(day, event.target.value))}
        className="num"
      />
    </div>
  );
}

function Cell({ value }: CellProps) {
  const format = useFormat();
  if (isEmpty(value)) return <Nothing />;
  return (
    <time dateTime={String(value)} className="num whitespace-nowrap">
      <bdi>{format.instant(String(value))}</bdi>
    </time>
  );
}

/** Days are chosen; the address holds the moments at which those days begin and end on the organization's clock. */
function Filter({ get, set, ...props }: FilterProps) {
  return (
    <RangeFilter
      {...props}
      dates
      get={(operator) => {
        const moment = get(operator);
        return moment?.endsWith("Z") ? toLocalInput(moment, timeZone()).slice(0, 10) : moment;
      }}
      set={(operator, day) => {
        const whole = day && /^\d{4}-\d{2}-\d{2}$/.test(day);
        const time = operator === "lte" ? "T23:59:59.999" : "T00:00";
        set(operator, whole ? fromLocalInput(day + time, timeZone()) : day);
      }}
    />
  );
}

export const instant: Kind = { Input, Cell, Filter };
