import type { CellProps, InputProps, Kind } from "./kind";
import { isEmpty } from "./kind";
import { ContainsFilter, emptyToNull, LineInput, Nothing } from "./shared";

function Input(props: InputProps) {
  return <LineInput {...props} inputMode="email" code />;
}

function Cell({ value }: CellProps) {
  if (isEmpty(value)) return <Nothing />;
  return (
    <a href={`mailto:${value}`} className="rounded hover:underline">
      <bdi dir="ltr">{String(value)}</bdi>
    </a>
  );
}

export const email: Kind = { Input, Cell, Filter: ContainsFilter, toBody: emptyToNull };
