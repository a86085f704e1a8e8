import { useQuery } from "@tanstack/react-query";
import { Link, useLocation, useNavigate, useParams } from "@tanstack/react-router";
import { ChartColumn, TrendingDown, TrendingUp } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useResource } from "@/lib/account";
import { today, useFormat } from "@/lib/format";
import { readable } from "@/lib/labels";
import { usePreferences } from "@/lib/preferences";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { DateField } from "@/ui/date-field";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { Select } from "@/ui/field";
import { PageHead } from "@/ui/page";
import { PageSkeleton } from "@/ui/skeleton";
import { Table, Td, Th } from "@/ui/table";
import { TabPanel, Tabs } from "@/ui/tabs";
import { Trail } from "@/ui/trail";
import {
  type FigureValue,
  type Report,
  reportQuery,
  reportTypesQuery,
  type Section,
  type SectionRow,
} from "./report-api";
import { ReportChart } from "./report-chart";
import { SPOKEN_UNITS, useRowWords, useSectionWords, written } from "./report-words";

const SPANS = [7, 30, 90, 365];

/** One report: its figures beside those of the time before, and each of them by day, zone, courier and so on. */
export function ReportPage() {
  const { report = "" } = useParams({ strict: false });
  return <ReportView key={report} name={report} />;
}

export function ReportView({ name }: { name: string }) {
  const { t } = useTranslation();
  const search = useLocation().search as Record<string, string>;
  const navigate = useNavigate();
  const { language } = usePreferences();
  const types = useQuery(reportTypesQuery(language));
  const report = useQuery(reportQuery(name, { from: search.from, to: search.to, compare: search.compare }, language));
  const type = types.data?.find((one) => one.name === name);
  const ask = (changes: Record<string, string | undefined>) =>
    navigate({
      to: "/analytics/live/$report",
      params: { report: name },
      search: { ...search, ...changes } as Record<string, string>,
    });
  if (report.isPending) return <PageSkeleton />;
  return (
    <>
      <PageHead
        trail={<Trail crumbs={[{ label: t("nav.reports"), to: "/analytics/live" }]} />}
        title={type?.title ?? report.data?.title ?? readable(name)}
      />
      <Period period={report.data?.period} compare={search.compare} onAsk={ask} />
      {report.isError ? <ErrorNote error={report.error} onRetry={report.refetch} className="mt-4" /> : null}
      {report.data ? <Answer report={report.data} area={type?.area ?? "overview"} /> : null}
    </>
  );
}

interface PeriodProps {
  period: Report["period"] | undefined;
  compare: string | undefined;
  onAsk: (changes: Record<string, string | undefined>) => void;
}

function Period({ period, compare, onAsk }: PeriodProps) {
  const { t } = useTranslation();
  return (
    <div className="flex flex-wrap items-end gap-2">
      <div role="toolbar" aria-label={t("report.period")} className="flex flex-wrap gap-1">
        {SPANS.map((days) => (
          <Button
            key={days}
            size="sm"
            variant={period?.days === days && period.to === today() ? "primary" : "secondary"}
            onClick={() => onAsk({ from: today(1 - days), to: today() })}
          >
            {t("report.last_days", { count: days })}
          </Button>
        ))}
      </div>
      {(["from", "to"] as const).map((end) => (
        <label key={end} htmlFor={`report-${end}`} className="w-40 text-faint text-xs">
          {t(`filter.${end}`)}
          <DateField
            id={`report-${end}`}
            value={period?.[end] ?? null}
            onChange={(day) => (day && /^\d{4}-\d{2}-\d{2}$/.test(day) ? onAsk({ [end]: day }) : undefined)}
          />
        </label>
      ))}
      <label htmlFor="report-compare" className="w-48 text-faint text-xs">
        {t("report.compare")}
        <Select
          id="report-compare"
          value={compare ?? "preceding"}
          onChange={(event) => onAsk({ compare: event.target.value })}
        >
          {(["preceding", "year", "none"] as const).map((one) => (
            <option key={one} value={one}>
              {t(`report.compare_${one}`)}
            </option>
          ))}
        </Select>
      </label>
    </div>
  );
}

function Answer({ report, area }: { report: Report; area: string }) {
  const { t } = useTranslation();
  const sectionName = useSectionWords();
  const [tab, setTab] = useState<string>();
  const sections = report.sections.filter((section) => section.rows.length > 0);
  const nothing = report.figures.every((figure) => figure.value === null || Number(figure.value) === 0);
  const current = sections.find((section) => section.name === tab) ?? sections[0];
  return (
    <>
      <dl className="mt-4 grid grid-cols-2 gap-3 lg:grid-cols-4">
        {report.figures.map((figure) => (
          <Figure key={figure.name} figure={figure} currency={report.currency} />
        ))}
      </dl>
      {current ? (
        <div className="mt-6">
          <Tabs
            value={current.name}
            onChange={setTab}
            label={t("report.by")}
            tabs={sections.map((section) => ({ value: section.name, label: sectionName(section) }))}
          >
            {sections.map((section) => (
              <TabPanel key={section.name} value={section.name}>
                <Part report={report} section={section} area={area} />
              </TabPanel>
            ))}
          </Tabs>
        </div>
      ) : nothing ? (
        <Card className="mt-4">
          <Empty icon={ChartColumn} title={t("report.empty")}>
            {t("report.empty_hint")}
          </Empty>
        </Card>
      ) : null}
    </>
  );
}

function Figure({ figure, currency }: { figure: FigureValue; currency: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const value = written(figure.value, figure.unit, format, currency);
  const before = written(figure.previous, figure.unit, format, currency);
  // From nothing there is no share to grow by.
  const grows = figure.change_percent !== null && Number(figure.previous) !== 0;
  const change = grows ? Number(figure.change_percent) : undefined;
  const Arrow = (change ?? 0) < 0 ? TrendingDown : TrendingUp;
  return (
    <div className="min-w-0 rounded-card border border-line bg-surface px-4 py-3 shadow-card" title={figure.definition}>
      <dt className="truncate text-muted text-sm">{figure.label}</dt>
      <dd className="num mt-0.5 font-semibold text-xl">
        {value === undefined ? (
          <span className="text-faint">
            <span aria-hidden="true">{"—"}</span>
            <span className="sr-only">{t("common.unknown")}</span>
          </span>
        ) : (
          <bdi>{value}</bdi>
        )}
        {value !== undefined && SPOKEN_UNITS.has(figure.unit) ? (
          <span className="ms-1.5 font-normal text-faint text-sm">
            {t(`report.unit_${figure.unit}` as "report.unit_h")}
          </span>
        ) : null}
      </dd>
      {before === undefined ? null : (
        <dd className="num mt-0.5 flex items-center gap-1.5 text-faint text-xs">
          {change ? (
            <span className="inline-flex items-center gap-1 font-medium text-muted">
              <Arrow className="size-3.5" aria-hidden />
              <bdi>{`${change > 0 ? "+" : ""}${format.upTo(change, 1)}%`}</bdi>
            </span>
          ) : null}
          <span className="truncate">{t("report.before", { value: before })}</span>
        </dd>
      )}
    </div>
  );
}

function Part({ report, section, area }: { report: Report; section: Section; area: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const nameOf = useRowWords(area);
  const sectionName = useSectionWords();
  const [chosen, setChosen] = useState<string>();
  const figure = report.figures.find((one) => one.name === chosen) ?? report.figures[0];
  if (!figure) return null;
  return (
    <Card>
      <div className="px-4 pt-4">
        <Select
          aria-label={t("report.figure")}
          className="w-auto max-w-full"
          value={figure.name}
          onChange={(event) => setChosen(event.target.value)}
        >
          {report.figures.map((one) => (
            <option key={one.name} value={one.name}>
              {one.label}
            </option>
          ))}
        </Select>
      </div>
      <div className="p-4">
        <ReportChart section={section} figure={figure} currency={report.currency} nameOf={nameOf} />
      </div>
      <Table aria-label={sectionName(section)}>
        <thead>
          <tr>
            <Th>{sectionName(section)}</Th>
            {report.figures.map((one) => (
              <Th key={one.name} className="num-column" title={one.definition}>
                {one.label}
              </Th>
            ))}
          </tr>
        </thead>
        <tbody>
          {section.rows.map((row) => (
            <tr key={row.key}>
              <Td className="whitespace-nowrap font-medium">
                <RowName section={section} row={row} name={nameOf(section, row)} />
              </Td>
              {report.figures.map((one) => (
                <Td key={one.name} className="num-column num whitespace-nowrap">
                  <bdi>{written(row.values[one.name] ?? null, one.unit, format, report.currency) ?? "—"}</bdi>
                </Td>
              ))}
            </tr>
          ))}
        </tbody>
      </Table>
      {section.total_rows > section.rows.length ? (
        <p className="border-line border-t px-4 py-3 text-faint text-xs">
          {t("report.more_rows", {
            shown: format.number(section.rows.length),
            total: format.number(section.total_rows),
          })}
        </p>
      ) : null}
    </Card>
  );
}

/** A row that stands for a record leads to it, where the caller may see it. */
function RowName({ section, row, name }: { section: Section; row: SectionRow; name: string }) {
  const target = useResource(section.resource ?? "");
  if (!target || row.key === "") return <bdi>{name}</bdi>;
  return (
    <Link
      to="/$module/$resource/$id"
      params={{ module: target.module, resource: target.name, id: row.key }}
      className="rounded text-accent-text hover:underline"
    >
      <bdi>{name}</bdi>
    </Link>
  );
}
