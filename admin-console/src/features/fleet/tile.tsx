import { type UseQueryOptions, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/format";
import { Skeleton } from "@/ui/skeleton";

// The key's exact shape does not matter to a tile: it only asks for the number.
// biome-ignore lint/suspicious/noExplicitAny: see above
type CountQuery = UseQueryOptions<number, Error, number, any>;

interface TileProps {
  label: string;
  count: CountQuery;
  /** Taken away from the count: vehicles less the assigned ones. */
  less?: CountQuery;
  hint?: { text: string; count: CountQuery };
  note?: string;
  tone?: "warn";
  to?: { module: string; resource: string; search?: Record<string, string> };
  page?: "/fleet/fuel-waiting";
}

/** One figure that leads to what it counts. */
export function Tile({ label, count, less, hint, note, tone, to, page }: TileProps) {
  const format = useFormat();
  const whole = useQuery(count);
  const part = useQuery({ ...(less ?? count), enabled: less !== undefined });
  const extra = useQuery({ ...(hint?.count ?? count), enabled: hint !== undefined });
  const value = whole.data === undefined ? undefined : less ? difference(whole.data, part.data) : whole.data;
  const style = cn(
    "block min-w-0 rounded-card border border-line bg-surface px-4 py-3.5 shadow-card transition-colors hover:border-line-strong hover:bg-hover/40",
  );
  const body = (
    <>
      <span className="block truncate text-muted text-sm">{label}</span>
      {value === undefined && !whole.isError ? (
        <Skeleton className="mt-2 h-8 w-16" />
      ) : (
        <span
          className={cn(
            "num mt-0.5 block font-semibold text-3xl tracking-tight rtl:tracking-normal",
            tone === "warn" && value !== undefined && value > 0 && "text-warn",
          )}
        >
          {value === undefined ? "—" : format.number(value)}
        </span>
      )}
      <span className="mt-1 block truncate text-faint text-xs">
        {note}
        {hint && extra.data !== undefined ? `${hint.text} ${format.number(extra.data)}` : null}
      </span>
    </>
  );
  if (page) {
    return (
      <Link to={page} className={style}>
        {body}
      </Link>
    );
  }
  return (
    <Link
      to="/$module/$resource"
      params={{ module: to?.module ?? "", resource: to?.resource ?? "" }}
      search={to?.search ?? {}}
      className={style}
    >
      {body}
    </Link>
  );
}

function difference(whole: number, part: number | undefined): number | undefined {
  return part === undefined ? undefined : Math.max(0, whole - part);
}
