import { useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useCan, useCurrency, useResource } from "@/lib/account";
import { thisMonth, today, useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { countQuery } from "@/lib/resource-api";
import { useSession } from "@/lib/session";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { ErrorNote } from "@/ui/error-note";
import { ArrowEnd } from "@/ui/icons";
import { PageHead } from "@/ui/page";
import { PageSkeleton, Skeleton } from "@/ui/skeleton";
import { ExpiringPapers } from "./expiring-papers";
import { FirstSteps } from "./first-steps";
import { monthsQuery } from "./fuel-api";
import { FuelChart } from "./fuel-chart";
import { Tile } from "./tile";

const MONTHS = 6;

/** The first page: how many there are, what waits for somebody, and what fuel has cost lately. Every figure is counted now. */
export function Dashboard() {
  const { t } = useTranslation();
  const { user } = useSession();
  const vehicles = useResource("fleet.vehicles");
  const couriers = useResource("fleet.couriers");
  const counts = useQueries({
    queries: [vehicles, couriers].flatMap((resource) => (resource ? [countQuery(resource)] : [])),
  });
  const head = (
    <PageHead title={t("dashboard.hello", { name: user.full_name.split(" ")[0] })} hint={t("dashboard.hint")} />
  );
  if (counts.some((count) => count.isPending)) return <PageSkeleton />;
  const failed = counts.find((count) => count.isError);
  if (failed) return <ErrorNote error={failed.error} onRetry={failed.refetch} />;
  if (vehicles && couriers && counts.some((count) => count.data === 0)) {
    return (
      <>
        {head}
        <FirstSteps vehicles={counts[0]?.data ?? 0} couriers={counts[1]?.data ?? 0} />
      </>
    );
  }
  return (
    <>
      {head}
      <Tiles />
      <div className="mt-4 grid items-start gap-4 xl:grid-cols-[1.6fr_1fr]">
        <FuelCard />
        <ExpiringPapers />
      </div>
    </>
  );
}

function Tiles() {
  const { t } = useTranslation();
  const labels = useLabels();
  const vehicles = useResource("fleet.vehicles");
  const couriers = useResource("fleet.couriers");
  const assignments = useResource("fleet.vehicle_assignments");
  const transactions = useResource("fleet.fuel_transactions");
  return (
    <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      {couriers ? (
        <Tile
          label={labels.many(couriers)}
          count={countQuery(couriers, { "status.ne": "terminated" })}
          hint={{ text: t("dashboard.active"), count: countQuery(couriers, { status: "active" }) }}
          to={{ module: "fleet", resource: "couriers" }}
        />
      ) : null}
      {vehicles ? (
        <Tile
          label={labels.many(vehicles)}
          count={countQuery(vehicles, { "status.ne": "retired" })}
          hint={{
            text: t("dashboard.in_workshop"),
            count: countQuery(vehicles, { "status.in": "maintenance,repair" }),
          }}
          to={{ module: "fleet", resource: "vehicles" }}
        />
      ) : null}
      {vehicles && assignments ? (
        <Tile
          label={t("dashboard.without_courier")}
          count={countQuery(vehicles, { status: "active" })}
          less={countQuery(assignments, { status: "active" })}
          note={t("dashboard.without_courier_hint")}
          tone="warn"
          to={{ module: "fleet", resource: "vehicle_assignments", search: { "status.in": "active" } }}
        />
      ) : null}
      {transactions ? (
        <Tile
          label={t("dashboard.fuel_waiting")}
          count={countQuery(transactions, { "match_status.in": "doubtful,unmatched" })}
          note={t("dashboard.fuel_waiting_hint")}
          tone="warn"
          page="/fleet/fuel-waiting"
        />
      ) : null}
    </div>
  );
}

function FuelCard() {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const currency = useCurrency();
  const allowed = can("fuel_costs.read");
  const costs = useQuery({ ...monthsQuery({ from: thisMonth(1 - MONTHS), to: thisMonth() }), enabled: allowed });
  if (!allowed) return null;
  const last = costs.data?.findLast((month) => month.fills > 0);
  return (
    <Card className="pb-4">
      <CardHead
        title={t("dashboard.fuel")}
        hint={
          last
            ? t("dashboard.fuel_last", {
                month: format.month(last.month),
                cost: `${format.number(last.cost, 2)} ${format.currency(currency)}`,
                litres: format.upTo(last.volume_l, 0),
              })
            : null
        }
        actions={
          <Button asChild size="sm" variant="ghost">
            <Link to="/fleet/fuel-costs">
              {t("dashboard.fuel_more")}
              <ArrowEnd />
            </Link>
          </Button>
        }
      />
      {costs.isPending ? <Skeleton className="mx-5 h-64" /> : null}
      {costs.isError ? <ErrorNote error={costs.error} onRetry={costs.refetch} className="mx-5" /> : null}
      {costs.data && last ? <FuelChart months={costs.data} currency={currency} className="mx-4 h-64" /> : null}
      {costs.data && !last ? (
        <div className="px-5 pt-4 pb-6 text-muted text-sm">
          <p>{t("dashboard.fuel_none", { today: format.date(today()) })}</p>
          <Button asChild className="mt-3">
            <Link to="/integrations/plugins">{t("first.connect_action")}</Link>
          </Button>
        </div>
      ) : null}
    </Card>
  );
}
