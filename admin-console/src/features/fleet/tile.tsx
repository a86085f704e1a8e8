import { Link } from "@tanstack/react-router";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/format";

interface TileProps {
  label: string;
  value: number;
  note: string;
  /** More than none of these is something to look into. */
  urgent?: boolean;
  to: string;
  search?: Record<string, string>;
}

/** One figure that leads to what it counts. */
export function Tile({ label, value, note, urgent, to, search }: TileProps) {
  const format = useFormat();
  return (
    <Link
      to={to}
      search={search ?? {}}
      className="block min-w-0 rounded-card border border-line bg-surface px-4 py-3.5 shadow-card transition-colors hover:border-line-strong hover:bg-hover/40"
    >
      <span className="block truncate text-muted text-sm">{label}</span>
      <span
        className={cn(
          "num mt-0.5 block font-semibold text-3xl tracking-tight rtl:tracking-normal",
          urgent && value > 0 && "text-warn",
        )}
      >
        {format.number(value)}
      </span>
      <span className="mt-1 block text-faint text-xs">{note}</span>
    </Link>
  );
}
