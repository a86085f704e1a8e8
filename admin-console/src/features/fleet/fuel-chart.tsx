import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { Chart, type ChartColors } from "@/ui/chart";
import type { FuelMonth } from "./fuel-api";

interface FuelChartProps {
  months: FuelMonth[];
  currency: string;
  className?: string;
}

/** Cost as bars, economy as a line over them: both axes are named in the legend. Time runs in reading direction. */
export function FuelChart({ months, currency, className = "h-72" }: FuelChartProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { language } = usePreferences();
  const rtl = language === "ar";
  const cost = t("fuel.cost_in", { currency: format.currency(currency) });
  const economy = t("fuel.km_per_l");
  const option = useCallback(
    (colors: ChartColors) => ({
      textStyle: { fontFamily: colors.font },
      color: colors.series,
      grid: { top: 44, bottom: 4, left: 8, right: 8, containLabel: true },
      legend: {
        data: [cost, economy],
        top: 0,
        [rtl ? "right" : "left"]: 0,
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
        valueFormatter: (value: unknown) => (value === null ? t("common.unknown") : format.upTo(Number(value), 2)),
      },
      xAxis: {
        type: "category",
        inverse: rtl,
        data: months.map((month) => format.month(month.month, "short")),
        axisTick: { show: false },
        axisLine: { lineStyle: { color: colors.line } },
        axisLabel: { color: colors.muted },
      },
      yAxis: [
        {
          type: "value",
          position: rtl ? "right" : "left",
          axisLabel: { color: colors.muted, formatter: (value: number) => format.upTo(value, 1) },
          splitLine: { lineStyle: { color: colors.line } },
        },
        {
          type: "value",
          position: rtl ? "left" : "right",
          scale: true,
          axisLabel: { color: colors.muted, formatter: (value: number) => format.upTo(value, 1) },
          splitLine: { show: false },
        },
      ],
      series: [
        {
          name: cost,
          type: "bar",
          barMaxWidth: 42,
          itemStyle: { borderRadius: [4, 4, 0, 0] },
          data: months.map((month) => Number(month.cost)),
        },
        {
          name: economy,
          type: "line",
          yAxisIndex: 1,
          symbolSize: 7,
          lineStyle: { width: 2.5 },
          data: months.map((month) => (month.km_per_l ? Number(month.km_per_l) : null)),
        },
      ],
    }),
    [months, cost, economy, rtl, format, t],
  );
  const label = t("fuel.chart_label", {
    months: format.list(
      months.map(
        (month) => `${format.month(month.month)}: ${format.number(month.cost, 2)} ${format.currency(currency)}`,
      ),
    ),
  });
  return <Chart label={label} option={option} className={className} />;
}
