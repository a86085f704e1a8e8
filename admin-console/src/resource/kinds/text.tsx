import { isNumber } from "@/lib/resource-api";
import type { CellProps, InputProps, Kind } from "./kind";
import { isEmpty } from "./kind";
import { ContainsFilter, emptyToNull, LineInput, Nothing } from "./shared";

function Input(props: InputProps) {
  return <LineInput {...props} />;
}

/** A number that names a row keeps its order of letters and digits and stays on one line. */
function Cell({ field, value }: CellProps) {
  if (isEmpty(value)) return <Nothing />;
  if (!isNumber(field)) return <bdi>{String(value)}</bdi>;
  return (
    <bdi dir="ltr" className="num whitespace-nowrap">
      {String(value)}
    </bdi>
  );
}

export const text: Kind = { Input, Cell, Filter: ContainsFilter, toBody: emptyToNull };
