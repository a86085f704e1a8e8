import { useFormat } from "@/lib/format";
import type { CellProps, InputProps, Kind } from "./kind";
import { isEmpty } from "./kind";
import { emptyToNull, Nothing, NumberInput, RangeFilter } from "./shared";
import { unitOf } from "./unit";

function Input(props: InputProps) {
  return <NumberInput {...props} unit={unitOf(props.field)} />;
}

function Cell({ field, value }: CellProps) {
  const format = useFormat();
  if (isEmpty(value)) return <Nothing />;
  const unit = unitOf(field);
  return (
    <span className="num whitespace-nowrap">
      <bdi>{format.upTo(String(value), field.scale ?? 3)}</bdi>
      {unit ? <span className="ms-1 text-faint text-xs">{unit}</span> : null}
    </span>
  );
}

export const decimal: Kind = { Input, Cell, Filter: RangeFilter, numeric: true, toBody: emptyToNull };
