import type { CellProps, InputProps, Kind } from "./kind";
import { isEmpty } from "./kind";
import { ContainsFilter, emptyToNull, LineInput, Nothing } from "./shared";

function Input(props: InputProps) {
  return <LineInput {...props} />;
}

function Cell({ value }: CellProps) {
  return isEmpty(value) ? <Nothing /> : <bdi>{String(value)}</bdi>;
}

export const text: Kind = { Input, Cell, Filter: ContainsFilter, toBody: emptyToNull };
