import { latinDigits } from "@/lib/format";
import type { CellProps, InputProps, Kind } from "./kind";
import { isEmpty } from "./kind";
import { EqualsFilter, emptyToNull, LineInput, Nothing } from "./shared";

function Input(props: InputProps) {
  return <LineInput {...props} code clean={latinDigits} />;
}

/** In groups of four, as on paper; only a narrow page breaks it, between groups. */
function Cell({ value, full }: CellProps) {
  if (isEmpty(value)) return <Nothing />;
  const groups = String(value).match(/.{1,4}/g) ?? [];
  return (
    <bdi dir="ltr" className={full ? "num" : "num whitespace-nowrap"}>
      {groups.join(" ")}
    </bdi>
  );
}

export const iban: Kind = { Input, Cell, Filter: EqualsFilter, toBody: emptyToNull };
