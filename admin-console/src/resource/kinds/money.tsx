import { useCurrency } from "@/lib/account";
import { useFormat } from "@/lib/format";
import type { CellProps, InputProps, Kind } from "./kind";
import { isEmpty } from "./kind";
import { emptyToNull, Nothing, NumberInput, RangeFilter } from "./shared";

function Input(props: InputProps) {
  const format = useFormat();
  const currency = useCurrency();
  return <NumberInput {...props} unit={format.currency(currency)} />;
}

function Cell({ value, row }: CellProps) {
  const format = useFormat();
  const own = useCurrency();
  if (isEmpty(value)) return <Nothing />;
  const currency = typeof row?.currency === "string" ? row.currency : own;
  return (
    <span className="num whitespace-nowrap">
      <bdi>{format.number(String(value), 2)}</bdi>
      <span className="ms-1 text-faint text-xs">{format.currency(currency)}</span>
    </span>
  );
}

export const money: Kind = { Input, Cell, Filter: RangeFilter, numeric: true, toBody: emptyToNull };
