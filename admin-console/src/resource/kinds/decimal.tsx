import { useFormat } from "@/lib/format";
import type { CellProps, InputProps, Kind } from "./kind";
import { isEmpty } from "./kind";
import { Amount, emptyToNull, Nothing, NumberInput, RangeFilter } from "./shared";
import { unitOf } from "./unit";

function Input(props: InputProps) {
  return <NumberInput {...props} unit={unitOf(props.field)} />;
}

function Cell({ field, value }: CellProps) {
  const format = useFormat();
  if (isEmpty(value)) return <Nothing />;
  return <Amount text={format.upTo(String(value), field.scale ?? 3)} unit={unitOf(field)} />;
}

export const decimal: Kind = { Input, Cell, Filter: RangeFilter, numeric: true, toBody: emptyToNull };
