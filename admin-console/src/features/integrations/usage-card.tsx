import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { today, useFormat } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { Card, CardHead } from "@/ui/card";
import { Chart, type ChartColors } from "@/ui/chart";
import { ErrorNote } from "@/ui/error-note";
import { RowsSkeleton } from "@/ui/skeleton";
import { Table, Td, Th } from "@/ui/table";
import { type DayOfUse, usageOf } from "./usage";
import { useShortTime } from "./words";
import { USAGE_DAYS, usageQuery } from "./work-api";

/** How often the plugin was called on each of the last days, and how often that failed. */
export function UsageCard({ installationId }: { installationId: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const time = useShortTime();
  const rows = useQuery(usageQuery(installationId));
  if (rows.isPending) return <RowsSkeleton rows={4} />;
  if (rows.isError) return <ErrorNote error={rows.error} onRetry={rows.refetch} />;
  const usage = usageOf(rows.data, today(1 - USAGE_DAYS), today());
  const figures = [
    t("plugins.usage_calls", { count: usage.calls, shown: format.number(usage.calls) }),
    t("plugins.usage_failures", { count: usage.failures, shown: format.number(usage.failures) }),
    t("plugins.usage_requests", { count: usage.requests, shown: format.number(usage.requests) }),
    t("plugins.usage_time", { time: time(usage.guest_us) }),
  ];
  return (
    <Card>
      <CardHead title={t("plugins.usage")} hint={usage.calls > 0 ? figures.join(" · ") : t("plugins.usage_none")} />
      {usage.calls > 0 ? (
        <div className="px-3 pb-3">
          <UsageChart days={usage.days} />
          <Figures days={usage.days} />
        </div>
      ) : null}
    </Card>
  );
}

function UsageChart({ days }: { days: DayOfUse[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { language } = usePreferences();
  const rtl = language === "ar";
  const key = JSON.stringify(days);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the days are a new array each time; their text is the same
  const option = useCallback(
    (colors: ChartColors) => {
      const bar = (name: string, color: string | undefined, data: number[]) => ({
        name,
        type: "bar",
        stack: "calls",
        barMaxWidth: 18,
        itemStyle: { color, borderRadius: 2 },
        data,
      });
      return {
        textStyle: { fontFamily: colors.font },
        grid: { top: 36, bottom: 4, left: 8, right: 8, containLabel: true },
        legend: {
          top: 0,
          [rtl ? "right" : "left"]: 8,
          itemWidth: 12,
          itemHeight: 12,
          textStyle: { color: colors.muted },
        },
        tooltip: {
          trigger: "axis",
          backgroundColor: colors.surface,
          borderColor: colors.line,
          textStyle: { color: colors.ink, align: rtl ? "right" : "left" },
          extraCssText: rtl ? "direction: rtl" : "",
          valueFormatter: (value: unknown) => format.number(Number(value)),
        },
        xAxis: {
          type: "category",
          inverse: rtl,
          data: days.map(({ day }) => format.date(day)),
          axisTick: { show: false },
          axisLine: { lineStyle: { color: colors.line } },
          axisLabel: { color: colors.muted, hideOverlap: true },
        },
        yAxis: {
          type: "value",
          minInterval: 1,
          position: rtl ? "right" : "left",
          axisLabel: { color: colors.muted, formatter: (value: number) => format.upTo(value, 0) },
          splitLine: { lineStyle: { color: colors.line } },
        },
        series: [
          bar(
            t("plugins.usage_good"),
            colors.series[0],
            days.map((one) => one.good),
          ),
          bar(
            t("plugins.usage_bad"),
            colors.series[1],
            days.map((one) => one.failed),
          ),
        ],
      };
    },
    [key, rtl, format, t],
  );
  const label = t("plugins.usage_label", {
    days: format.list(
      days
        .filter((one) => one.good + one.failed > 0)
        .map((one) => `${format.date(one.day)}: ${format.number(one.good + one.failed)}`),
    ),
  });
  return <Chart label={label} option={option} className="h-56" />;
}

/** The figures of the picture, for those who want them exact or do not see it. */
function Figures({ days }: { days: DayOfUse[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const used = days.filter((one) => one.good + one.failed > 0).reverse();
  return (
    <details className="mt-2">
      <summary className="cursor-pointer px-2 py-1 text-muted text-sm hover:text-ink">
        {t("plugins.usage_table")}
      </summary>
      <Table>
        <thead>
          <tr>
            <Th className="text-start">{t("plugins.usage_day")}</Th>
            <Th className="num-column">{t("plugins.usage_good")}</Th>
            <Th className="num-column">{t("plugins.usage_bad")}</Th>
          </tr>
        </thead>
        <tbody>
          {used.map((one) => (
            <tr key={one.day}>
              <Td>{format.date(one.day)}</Td>
              <Td className="num-column">{format.number(one.good)}</Td>
              <Td className="num-column">{format.number(one.failed)}</Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </details>
  );
}
