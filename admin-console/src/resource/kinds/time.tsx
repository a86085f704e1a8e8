import { latinDigits } from "@/lib/format";
import { Input as TextInput } from "@/ui/field";
import type { CellProps, FilterProps, InputProps, Kind } from "./kind";
import { isEmpty } from "./kind";
import { emptyToNull, Nothing } from "./shared";

/** The browser's own time input where it has one; its value is "HH:MM" in every language. */
function Input({ id, field, value, onChange, onBlur, disabled, invalid, describedBy }: InputProps) {
  return (
    <TextInput
      id={id}
      name={field.name}
      type="time"
      className="num max-w-40"
      value={isEmpty(value) ? "" : String(value)}
      onChange={(event) => onChange(latinDigits(event.target.value))}
      onBlur={onBlur}
      disabled={disabled}
      aria-invalid={invalid || undefined}
      aria-describedby={describedBy}
      aria-required={field.required || undefined}
    />
  );
}

function Cell({ value }: CellProps) {
  if (isEmpty(value)) return <Nothing />;
  return (
    <time className="num whitespace-nowrap">
      <bdi dir="ltr">{String(value).slice(0, 5)}</bdi>
    </time>
  );
}

function Filter({ id, get, set }: FilterProps) {
  return (
    <TextInput
      id={id}
      type="time"
      className="num max-w-40"
      value={get("") ?? ""}
      onChange={(event) => set("", latinDigits(event.target.value) || undefined)}
    />
  );
}

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

export const time: Kind = {
  Input,
  Cell,
  Filter,
  toBody: emptyToNull,
  check: (value) => (isEmpty(value) || TIME.test(String(value)) ? undefined : "not_a_time"),
};
