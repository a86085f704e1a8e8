import { Textarea } from "@/ui/field";
import type { CellProps, InputProps, Kind } from "./kind";
import { isEmpty } from "./kind";
import { ContainsFilter, emptyToNull, Nothing } from "./shared";

function Input({ id, field, value, onChange, onBlur, disabled, invalid, describedBy }: InputProps) {
  return (
    <Textarea
      id={id}
      name={field.name}
      dir="auto"
      className="text-page-start"
      value={isEmpty(value) ? "" : String(value)}
      onChange={(event) => onChange(event.target.value)}
      onBlur={onBlur}
      disabled={disabled}
      aria-invalid={invalid || undefined}
      aria-describedby={describedBy}
    />
  );
}

function Cell({ value, full }: CellProps) {
  if (isEmpty(value)) return <Nothing />;
  return (
    <bdi className={full ? "whitespace-pre-wrap" : "block max-w-72 truncate"} title={full ? undefined : String(value)}>
      {String(value)}
    </bdi>
  );
}

export const longText: Kind = { Input, Cell, Filter: ContainsFilter, wide: true, toBody: emptyToNull };
