import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useCan, useCurrency } from "@/lib/account";
import { api } from "@/lib/api";
import { cn } from "@/lib/cn";
import { type Format, useFormat } from "@/lib/format";
import { isProblem } from "@/lib/problem";
import { ErrorNote } from "@/ui/error-note";
import { Skeleton } from "@/ui/skeleton";
import { FIGURES, type Figure, valueAt } from "./figures";

/** The figures that a module's own operations answer; what the server does not offer is left out. */
export function Figures({ module }: { module: string }) {
  const { t } = useTranslation();
  const can = useCan();
  const format = useFormat();
  const currency = useCurrency();
  const sources = (FIGURES[module] ?? []).filter((source) => can(source.permission));
  const answers = useQueries({
    queries: sources.map((source) => ({
      queryKey: ["figures", source.path],
      queryFn: ({ signal }: { signal: AbortSignal }) => api.get<unknown>(source.path, { signal }),
    })),
  });
  if (sources.length === 0) return null;
  const failed = answers.find((answer) => answer.isError && !isProblem(answer.error, 404));
  const figures = sources.flatMap((source, index) =>
    source.figures.map((figure) => ({ figure, pending: answers[index]?.isPending, data: answers[index]?.data })),
  );
  const shown = figures.filter(({ figure, pending, data }) => pending || valueAt(data, figure.at) !== undefined);
  return (
    <>
      {failed ? <ErrorNote error={failed.error} onRetry={failed.refetch} className="mb-3" /> : null}
      {shown.length === 0 ? null : (
        <ul className="grid grid-cols-2 gap-3 lg:grid-cols-4">
          {shown.map(({ figure, pending, data }) => {
            const value = valueAt(data, figure.at);
            const inside = (
              <>
                <span className="block truncate text-muted text-sm">{t(`figure.${figure.label}`)}</span>
                {pending || value === undefined ? (
                  <Skeleton className="mt-2 h-7 w-20" />
                ) : (
                  <span
                    className={cn(
                      "num mt-0.5 block font-semibold text-2xl tracking-tight max-sm:text-lg rtl:tracking-normal",
                      figure.urgent && Number(value) > 0 && "text-warn",
                    )}
                  >
                    <bdi>{written(figure, value, format, currency)}</bdi>
                    {figure.unit ? (
                      <span className="ms-1.5 font-normal text-faint text-sm">{t(`unit.${figure.unit}`)}</span>
                    ) : null}
                  </span>
                )}
              </>
            );
            const style = "block h-full min-w-0 rounded-card border border-line bg-surface px-4 py-3.5 shadow-card";
            return (
              <li key={figure.at}>
                {figure.to ? (
                  <Link to={figure.to} search={figure.search ?? {}} className={cn(style, "hover:bg-hover/40")}>
                    {inside}
                  </Link>
                ) : (
                  <div className={style}>{inside}</div>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </>
  );
}

function written(figure: Figure, value: string | number, format: Format, currency: string): string {
  switch (figure.as ?? "number") {
    case "money":
      return `${format.number(value, 2)} ${format.currency(currency)}`;
    case "percent":
      return format.percent(Number(value) / 100);
    case "share":
      return format.percent(Number(value));
    case "number":
      return format.upTo(value, 1);
  }
}
