import { useFormat } from "@/lib/format";
import type { CellProps, InputProps, Kind } from "./kind";
import { isEmpty } from "./kind";
import { Amount, Nothing, NumberInput, RangeFilter } from "./shared";
import { unitOf } from "./unit";

/** Numbers that name something are not amounts: a model year has no thousands separator. */
function isAmount(name: string): boolean {
  return !/(^|_)(year|number|id|no)$/.test(name);
}

function Input(props: InputProps) {
  return <NumberInput {...props} whole unit={unitOf(props.field)} />;
}

function Cell({ field, value }: CellProps) {
  const format = useFormat();
  if (isEmpty(value)) return <Nothing />;
  if (field.unit === "B") return <Amount text={format.bytes(Number(value))} unit={undefined} />;
  return <Amount text={isAmount(field.name) ? format.number(Number(value)) : String(value)} unit={unitOf(field)} />;
}

/** What is no whole number is sent as it was typed: the server then says so at the field. */
function toBody(value: unknown): unknown {
  if (isEmpty(value)) return null;
  const text = String(value).trim();
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

export const integer: Kind = { Input, Cell, Filter: RangeFilter, numeric: true, toBody };
