import { latinDigits } from "@/lib/format";
import type { CellProps, InputProps, Kind } from "./kind";
import { isEmpty } from "./kind";
import { ContainsFilter, emptyToNull, LineInput, Nothing } from "./shared";

function Input(props: InputProps) {
  return <LineInput {...props} type="tel" inputMode="tel" code clean={latinDigits} />;
}

function Cell({ value }: CellProps) {
  if (isEmpty(value)) return <Nothing />;
  return (
    <a href={`tel:${value}`} className="num whitespace-nowrap rounded hover:underline">
      <bdi dir="ltr">{String(value)}</bdi>
    </a>
  );
}

export const phone: Kind = { Input, Cell, Filter: ContainsFilter, toBody: emptyToNull };
