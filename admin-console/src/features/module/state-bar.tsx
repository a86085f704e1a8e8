import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Field, Resource } from "@/api/model";
import { cn } from "@/lib/cn";
import { stateCountQueries } from "@/lib/counts";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { toneOf } from "@/resource/kinds/tone";
import type { Tone } from "@/ui/badge";
import { ErrorNote } from "@/ui/error-note";
import { Skeleton } from "@/ui/skeleton";

const FILL: Record<Tone, string> = {
  ok: "bg-ok",
  info: "bg-info",
  warn: "bg-warn",
  bad: "bg-bad",
  neutral: "bg-faint/60",
  accent: "bg-accent",
};

/** Several states of one tone are told apart by how full their colour is. */
const SHADES = ["opacity-100", "opacity-70", "opacity-45", "opacity-30"];

/**
 * How the rows of a resource are spread over their states: a bar, and beside it the same in figures that lead to the
 * rows. Its colours are the page's own, so it turns with the theme and the direction by itself.
 */
export function StateBar({ resource, field, most = 6 }: { resource: Resource; field: Field; most?: number }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const counts = useQueries({ queries: stateCountQueries(resource, field) });
  const failed = counts.find((count) => count.isError);
  if (failed) {
    return <ErrorNote error={failed.error} onRetry={() => counts.map((count) => count.isError && count.refetch())} />;
  }
  if (counts.some((count) => count.isPending)) return <Skeleton className="h-16" />;
  const seen = new Map<Tone, number>();
  const parts = (field.values ?? [])
    .map((value, index) => ({ value, count: counts[index]?.data ?? 0 }))
    .filter((part) => part.count > 0)
    .map((part) => {
      const tone = toneOf(part.value);
      const nth = seen.get(tone) ?? 0;
      seen.set(tone, nth + 1);
      return { ...part, fill: cn(FILL[tone], SHADES[Math.min(nth, SHADES.length - 1)]) };
    });
  const total = parts.reduce((sum, part) => sum + part.count, 0);
  if (total === 0) return <p className="text-faint text-sm">{t("module.no_rows")}</p>;
  const shown = parts.toSorted((a, b) => b.count - a.count).slice(0, most);
  const rest = parts.length - shown.length;
  return (
    <div>
      <div
        role="img"
        aria-label={format.list(
          parts.map((part) => `${labels.choice(resource, field.name, part.value)}: ${format.number(part.count)}`),
        )}
        className="flex h-2.5 gap-px overflow-hidden rounded-full bg-hover"
      >
        {parts.map((part) => (
          <span
            key={part.value}
            className={cn("min-w-1", part.fill)}
            style={{ flexGrow: part.count }}
            title={labels.choice(resource, field.name, part.value)}
          />
        ))}
      </div>
      <ul className="mt-2.5 grid gap-x-4 gap-y-0.5 text-sm sm:grid-cols-2">
        {shown.map((part) => (
          <li key={part.value} className="min-w-0">
            <Link
              to="/$module/$resource"
              params={{ module: resource.module, resource: resource.name }}
              search={{ [`${field.name}.in`]: part.value }}
              aria-label={t("filter.is", {
                label: labels.choice(resource, field.name, part.value),
                value: format.number(part.count),
              })}
              className="flex items-center gap-2 rounded py-0.5 hover:text-accent-text hover:underline"
            >
              <span className={cn("size-2.5 shrink-0 rounded-sm", part.fill)} aria-hidden="true" />
              <span className="min-w-0 flex-1 truncate">{labels.choice(resource, field.name, part.value)}</span>
              <span className="num text-muted">{format.number(part.count)}</span>
              <span className="num w-9 text-end text-faint text-xs">{format.percent(part.count / total)}</span>
            </Link>
          </li>
        ))}
      </ul>
      {rest > 0 ? <p className="mt-1 text-faint text-xs">{t("module.more_states", { count: rest })}</p> : null}
    </div>
  );
}
