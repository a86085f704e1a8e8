import { useInfiniteQuery } from "@tanstack/react-query";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { Fuel } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCurrency, useResource } from "@/lib/account";
import { thisMonth, useFormat } from "@/lib/format";
import { useNarrow } from "@/lib/media";
import { ReferencePicker } from "@/resource/kinds/reference";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { PageHead } from "@/ui/page";
import { RowsSkeleton, Skeleton } from "@/ui/skeleton";
import { Stat } from "@/ui/stat";
import { FillsSheet } from "./fills-sheet";
import { type FuelCost, type FuelMonth, type FuelRange, fuelCostsQuery } from "./fuel-api";
import { FuelChart } from "./fuel-chart";
import { FuelCards, FuelTable } from "./fuel-table";
import { MonthRange } from "./month-range";

const MONTHS_SHOWN = 6;
const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

function rangeIn(search: Record<string, string>): FuelRange {
  const to = MONTH.test(search.to ?? "") ? (search.to as string) : thisMonth();
  const from = MONTH.test(search.from ?? "") ? (search.from as string) : thisMonth(1 - MONTHS_SHOWN);
  const ordered = [from, to].sort();
  return {
    from: ordered[0] ?? from,
    to: ordered[1] ?? to,
    ...(search.vehicle_id ? { vehicle_id: search.vehicle_id } : {}),
  };
}

/** What each vehicle's fuel costs and how far it goes on it, month by month; every figure opens what it is made of. */
export function FuelCosts() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const narrow = useNarrow();
  const currency = useCurrency();
  const vehicles = useResource("fleet.vehicles");
  const search = useLocation().search as Record<string, string>;
  const range = rangeIn(search);
  const costs = useInfiniteQuery(fuelCostsQuery(range));
  const [opened, setOpened] = useState<FuelCost>();
  const rows = useMemo(() => costs.data?.pages.flatMap((page) => page.data) ?? [], [costs.data]);
  const months = costs.data?.pages[0]?.months;
  const change = (next: Partial<FuelRange>) =>
    navigate({ to: "/fleet/fuel-costs", search: { ...range, ...next }, replace: true });
  const List = narrow ? FuelCards : FuelTable;

  return (
    <>
      <PageHead title={t("fuel.title")} hint={t("fuel.hint")} />
      <div className="mb-4 flex flex-wrap items-end gap-3">
        <MonthRange from={range.from} to={range.to} onChange={change} />
        {vehicles ? (
          <div className="min-w-56 max-w-72 flex-1">
            <label htmlFor="fuel-vehicle" className="mb-1 block text-muted text-xs">
              {t("fuel.vehicle")}
            </label>
            <ReferencePicker
              id="fuel-vehicle"
              target={vehicles}
              value={range.vehicle_id ?? null}
              clearable
              onChange={(id) => change({ vehicle_id: id ?? undefined })}
            />
          </div>
        ) : null}
      </div>
      {costs.isError ? <ErrorNote error={costs.error} onRetry={costs.refetch} className="mb-4" /> : null}
      {costs.isPending ? (
        <Card>
          <Skeleton className="m-5 h-64" />
          <RowsSkeleton />
        </Card>
      ) : null}
      {months && rows.length === 0 ? (
        <Card>
          <Empty icon={Fuel} title={t("fuel.none")}>
            {t("fuel.none_hint")}
          </Empty>
        </Card>
      ) : null}
      {months && rows.length > 0 ? (
        <div className="space-y-4">
          <Totals months={months} currency={rows[0]?.currency ?? currency} />
          <Card className="pb-4">
            <CardHead title={t("fuel.by_month")} />
            <FuelChart months={months} currency={rows[0]?.currency ?? currency} className="mx-4 h-72" />
          </Card>
          <Card>
            <CardHead title={t("fuel.by_vehicle")} hint={t("fuel.open_hint")} />
            <List rows={rows} onOpen={setOpened} />
            {costs.hasNextPage ? (
              <div className="p-4">
                <Button busy={costs.isFetchingNextPage} onClick={() => costs.fetchNextPage()}>
                  {t("common.more")}
                </Button>
              </div>
            ) : null}
          </Card>
        </div>
      ) : null}
      <Definitions />
      {opened ? <FillsSheet cost={opened} onClose={() => setOpened(undefined)} /> : null}
    </>
  );
}

/** Sums of the whole range. Economy is not summed up: months without two full tanks have none. */
function Totals({ months, currency }: { months: FuelMonth[]; currency: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const sum = (of: (month: FuelMonth) => number) => months.reduce((total, month) => total + of(month), 0);
  const tiles = [
    { name: t("fuel.volume"), value: format.number(sum((month) => Number(month.volume_l))), unit: t("unit.l") },
    {
      name: t("fuel.cost"),
      value: format.number(
        sum((month) => Number(month.cost)),
        2,
      ),
      unit: format.currency(currency),
    },
    {
      name: t("fuel.distance"),
      value: format.number(sum((month) => Number(month.distance_km ?? 0))),
      unit: t("unit.km"),
    },
    { name: t("fuel.fills"), value: format.number(sum((month) => month.fills)), unit: "" },
  ];
  return (
    <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      {tiles.map((tile) => (
        <Stat key={tile.name} label={tile.name} value={tile.value} unit={tile.unit} className="sm:text-2xl" />
      ))}
    </dl>
  );
}

function Definitions() {
  const { t } = useTranslation();
  const points = ["segment", "first", "none", "cost"] as const;
  return (
    <section className="mt-6 max-w-4xl text-muted text-sm" aria-labelledby="fuel-method">
      <h2 id="fuel-method" className="font-semibold text-ink">
        {t("fuel.method_title")}
      </h2>
      <p className="mt-1">{t("fuel.method")}</p>
      <ul className="mt-2 list-disc space-y-1 ps-5">
        {points.map((point) => (
          <li key={point}>{t(`fuel.method_${point}`)}</li>
        ))}
      </ul>
    </section>
  );
}
