import { useQuery } from "@tanstack/react-query";
import { Scale, TriangleAlert } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { ArrowEnd } from "@/ui/icons";
import { RowsSkeleton } from "@/ui/skeleton";
import { Amount, Change, ChangeBar } from "./amount";
import { differenceOf, halalas } from "./halalas";
import { useKindWords } from "./kind-words";
import { useOutlierWords } from "./outlier";
import { comparisonQuery } from "./pay-api";
import type { Because, ChangedRow, Run, Sides } from "./shapes";
import { reasonsOf } from "./table-rows";

const PAGE = 25;

/** This month beside the one before: the whole, by kind of line, and courier by courier, what stands out first. */
export function ComparisonView({ run, isDraft }: { run: Run; isDraft: boolean }) {
  const { t } = useTranslation();
  const comparison = useQuery({ ...comparisonQuery(run.id), enabled: !isDraft });
  if (isDraft) {
    return (
      <Card>
        <Empty icon={Scale} title={t("pay.nothing_to_compare")}>
          {t("pay.draft_hint")}
        </Empty>
      </Card>
    );
  }
  if (comparison.isPending) return <RowsSkeleton />;
  if (comparison.isError) return <ErrorNote error={comparison.error} onRetry={comparison.refetch} />;
  return comparison.data ? <Compared comparison={comparison.data} /> : null;
}

export function Compared({ comparison, words }: { comparison: Sides; words?: { before: string; now: string } }) {
  const { t } = useTranslation();
  const reasons = useMemo(() => reasonsOf(comparison.rows), [comparison.rows]);
  const { now, before } = comparison.totals;
  return (
    <div className="space-y-4">
      <Card className="p-5">
        <dl className="flex flex-wrap items-end gap-x-10 gap-y-4">
          <div>
            <dt className="text-muted text-sm">{words?.before ?? t("pay.last_month")}</dt>
            <dd className="mt-0.5 font-semibold text-lg">
              <Amount value={before} />
            </dd>
          </div>
          <div>
            <dt className="text-muted text-sm">{words?.now ?? t("pay.this_month")}</dt>
            <dd className="mt-0.5 font-semibold text-lg">
              <Amount value={now} />
            </dd>
          </div>
          <div>
            <dt className="text-muted text-sm">{t("pay.column_change")}</dt>
            <dd className="mt-0.5 font-semibold text-lg">
              <Change value={differenceOf(now, before)} percent={percentOf(now, before)} />
            </dd>
          </div>
        </dl>
      </Card>
      {reasons.length > 0 ? (
        <Card>
          <CardHead title={t("pay.reasons")} hint={t("pay.reasons_hint")} />
          <ReasonBars reasons={reasons} />
        </Card>
      ) : null}
      <People rows={comparison.rows} />
    </div>
  );
}

function percentOf(now: string, before: string): string | null {
  const base = halalas(before);
  return base === 0 ? null : (((halalas(now) - base) / Math.abs(base)) * 100).toFixed(1);
}

function ReasonBars({ reasons }: { reasons: Because[] }) {
  const kind = useKindWords();
  const most = Math.max(...reasons.map((one) => Math.abs(halalas(one.change))));
  return (
    <ul className="space-y-2 px-5 pb-5">
      {reasons.map((one) => (
        <li
          key={one.kind}
          className="grid grid-cols-[1fr_auto] items-center gap-x-3 gap-y-1 text-sm sm:grid-cols-[11rem_1fr_7rem]"
        >
          <span className="truncate">{kind(one.kind)}</span>
          <span className="num-column sm:order-last">
            <Change value={one.change} />
          </span>
          <span className="max-sm:col-span-full">
            <ChangeBar change={one.change} most={most} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function People({ rows }: { rows: ChangedRow[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [shown, setShown] = useState(PAGE);
  const moved = useMemo(() => rows.filter((row) => row.outlier !== null || halalas(row.change) !== 0), [rows]);
  const most = Math.max(1, ...moved.map((row) => Math.abs(halalas(row.change))));
  if (moved.length === 0) {
    return (
      <Card>
        <Empty icon={Scale} title={t("pay.all_the_same")} />
      </Card>
    );
  }
  return (
    <Card>
      <CardHead
        title={t("pay.by_courier")}
        hint={t("pay.moved", { count: moved.length, shown: format.number(moved.length) })}
      />
      <ul className="divide-y divide-line border-line border-t">
        {moved.slice(0, shown).map((row) => (
          <Person key={row.courier_id} row={row} most={most} />
        ))}
      </ul>
      {moved.length > shown ? (
        <div className="p-4">
          <Button onClick={() => setShown(shown + PAGE)}>{t("common.more")}</Button>
        </div>
      ) : null}
    </Card>
  );
}

/** The largest reasons say it; the payslip has them all. */
const REASONS = 4;

function Person({ row, most }: { row: ChangedRow; most: number }) {
  const { t } = useTranslation();
  const kind = useKindWords();
  const outlier = useOutlierWords();
  const reasons = row.because
    .filter((one) => halalas(one.change) !== 0)
    .toSorted((a, b) => Math.abs(halalas(b.change)) - Math.abs(halalas(a.change)))
    .slice(0, REASONS);
  return (
    <li className="grid gap-x-6 gap-y-2 px-5 py-3.5 md:grid-cols-[minmax(12rem,1fr)_minmax(10rem,1.2fr)_minmax(14rem,1.4fr)] md:items-center">
      <div className="min-w-0">
        <p className="truncate font-medium text-sm">
          <bdi>{row.courier_name}</bdi>
        </p>
        {row.outlier ? (
          <p className="mt-0.5 flex items-center gap-1.5 text-warn text-xs">
            <TriangleAlert className="size-3.5 shrink-0" aria-hidden />
            {outlier(row.outlier)}
          </p>
        ) : null}
      </div>
      <div>
        <p className="flex items-baseline justify-between gap-3 text-sm">
          <span className="flex items-center gap-1.5 text-muted text-xs">
            {row.net_before === null ? t("pay.not_paid_before") : <Amount value={row.net_before} bare />}
            <ArrowEnd className="size-3.5 shrink-0 text-faint" />
            {row.net_now === null ? t("pay.not_paid_now") : <Amount value={row.net_now} bare />}
          </span>
          <span className="font-medium">
            <Change value={row.change} percent={row.change_percent} />
          </span>
        </p>
        <div className="mt-1.5">
          <ChangeBar change={row.change} most={most} marked={row.outlier !== null} />
        </div>
      </div>
      <ul className="flex flex-wrap gap-x-4 gap-y-1 text-muted text-xs">
        {reasons.map((one) => (
          <li key={one.kind}>
            {kind(one.kind)} <Change value={one.change} />
          </li>
        ))}
      </ul>
    </li>
  );
}
