import { useCurrency } from "@/lib/account";
import { useFormat } from "@/lib/format";
import type { CellProps, InputProps, Kind } from "./kind";
import { isEmpty } from "./kind";
import { Amount, emptyToNull, Nothing, NumberInput, RangeFilter } from "./shared";

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
  return <Amount text={format.number(String(value), 2)} unit={format.currency(currency)} />;
}

export const money: Kind = { Input, Cell, Filter: RangeFilter, numeric: true, toBody: emptyToNull };
