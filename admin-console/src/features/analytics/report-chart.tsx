import { useCallback } from "react";
import { useFormat } from "@/lib/format";
import { usePreferences } from "@/lib/preferences";
import { Chart, type ChartColors } from "@/ui/chart";
import type { FigureValue, Section, SectionRow } from "./report-api";
import { ALONG_TIME, written } from "./report-words";

/** More bars than this cannot be told apart; the table below has them all. */
const MOST_BARS = 15;

interface ReportChartProps {
  section: Section;
  figure: FigureValue;
  currency: string;
  nameOf: (section: Section, row: SectionRow) => string;
}

/** One figure of a section: a line along time, bars otherwise. It runs in the reading direction. */
export function ReportChart({ section, figure, currency, nameOf }: ReportChartProps) {
  const format = useFormat();
  const { language } = usePreferences();
  const rtl = language === "ar";
  const line = ALONG_TIME.has(section.name);
  const rows = line ? section.rows : section.rows.slice(0, MOST_BARS);
  const names = rows.map((row) => nameOf(section, row));
  const values = rows.map((row) => row.values[figure.name] ?? null);
  const key = JSON.stringify([names, values, figure.name, figure.unit]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: names and values are new arrays each time; their text is the same
  const option = useCallback(
    (colors: ChartColors) => {
      const amount = {
        type: "value",
        axisLabel: { color: colors.muted, formatter: (value: number) => format.upTo(value, 1) },
        splitLine: { lineStyle: { color: colors.line } },
      };
      const labels = {
        type: "category",
        data: names,
        axisTick: { show: false },
        axisLine: { lineStyle: { color: colors.line } },
        axisLabel: { color: colors.muted, width: 140, overflow: "truncate" },
      };
      return {
        textStyle: { fontFamily: colors.font },
        color: colors.series,
        grid: { top: 16, bottom: 4, left: 8, right: 16, containLabel: true },
        tooltip: {
          trigger: "axis",
          backgroundColor: colors.surface,
          borderColor: colors.line,
          textStyle: { color: colors.ink, align: rtl ? "right" : "left" },
          extraCssText: rtl ? "direction: rtl" : "",
          valueFormatter: (value: unknown) =>
            written(value === null || value === undefined ? null : String(value), figure.unit, format, currency) ?? "—",
        },
        ...(line
          ? {
              xAxis: { ...labels, inverse: rtl, boundaryGap: rows.length < 2 },
              yAxis: { ...amount, position: rtl ? "right" : "left" },
            }
          : {
              xAxis: { ...amount, inverse: rtl },
              yAxis: { ...labels, inverse: true, position: rtl ? "right" : "left" },
            }),
        series: [
          {
            name: figure.label,
            type: line ? "line" : "bar",
            barMaxWidth: 22,
            symbol: "circle",
            symbolSize: 6,
            showSymbol: rows.length < 32,
            areaStyle: line ? { opacity: 0.08 } : undefined,
            itemStyle: { borderRadius: 4 },
            data: values.map((value) => (value === null ? null : Number(value))),
          },
        ],
      };
    },
    [key, rtl, line, format, currency],
  );
  const label = `${figure.label}. ${format.list(
    rows
      .slice(0, MOST_BARS)
      .map((_, at) => `${names[at]}: ${written(values[at] ?? null, figure.unit, format, currency) ?? "—"}`),
  )}`;
  return <Chart label={label} option={option} className={line ? "h-64" : "h-80"} />;
}
