import { latinDigits } from "@/lib/format";
import type { CellProps, InputProps, Kind } from "./kind";
import { isEmpty } from "./kind";
import { EqualsFilter, emptyToNull, LineInput, Nothing } from "./shared";

function Input(props: InputProps) {
  return <LineInput {...props} code inputMode="numeric" clean={latinDigits} />;
}

function Cell({ value }: CellProps) {
  if (isEmpty(value)) return <Nothing />;
  return (
    <bdi dir="ltr" className="num whitespace-nowrap">
      {String(value)}
    </bdi>
  );
}

export const nationalId: Kind = { Input, Cell, Filter: EqualsFilter, toBody: emptyToNull };
