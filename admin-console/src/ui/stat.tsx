import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

interface StatProps {
  label: string;
  value: ReactNode;
  unit?: string;
  note?: string;
  className?: string;
}

/** One figure of a list of figures: it stands in a `dl`. */
export function Stat({ label, value, unit, note, className }: StatProps) {
  return (
    <div className="min-w-0 rounded-card border border-line bg-surface px-4 py-3 shadow-card">
      <dt className="truncate text-muted text-sm">{label}</dt>
      <dd className={cn("num mt-0.5 font-semibold text-xl", className)}>
        <bdi>{value}</bdi>
        {unit ? <span className="ms-1.5 font-normal text-faint text-sm">{unit}</span> : null}
      </dd>
      {note ? <dd className="mt-0.5 text-faint text-xs">{note}</dd> : null}
    </div>
  );
}
