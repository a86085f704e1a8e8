import { latinDigits } from "@/lib/format";
import type { CellProps, InputProps, Kind } from "./kind";
import { isEmpty } from "./kind";
import { ContainsFilter, emptyToNull, LineInput, Nothing } from "./shared";

function Input(props: InputProps) {
  return <LineInput {...props} clean={latinDigits} />;
}

/** Looks like what is screwed to the vehicle, and keeps its own order of letters and digits in either direction. */
export function Plate({ value }: { value: string }) {
  return (
    <bdi
      dir="auto"
      className="num inline-block whitespace-nowrap rounded border border-line-strong bg-surface px-1.5 py-px font-medium text-ink text-xs tracking-wide shadow-card rtl:tracking-normal"
    >
      {value}
    </bdi>
  );
}

function Cell({ value }: CellProps) {
  return isEmpty(value) ? <Nothing /> : <Plate value={String(value)} />;
}

export const plate: Kind = { Input, Cell, Filter: ContainsFilter, toBody: emptyToNull };
