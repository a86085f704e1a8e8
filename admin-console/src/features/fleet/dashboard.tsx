import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Gauge } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useCan, useCurrency, useDescription, useResource } from "@/lib/account";
import { thisMonth, today, useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { useSession } from "@/lib/session";
import { moduleIcon } from "@/resource/icons";
import { mainResources, placesOf } from "@/resource/places";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { ArrowEnd } from "@/ui/icons";
import { PageHead } from "@/ui/page";
import { PageSkeleton, Skeleton } from "@/ui/skeleton";
import { ExpiringPapers } from "./expiring-papers";
import { monthsQuery, type Overview, overviewQuery } from "./fuel-api";
import { FuelChart } from "./fuel-chart";
import { Tile } from "./tile";

const MONTHS = 6;

/** The first page: what stands at its start, how many there are, what waits for somebody, and what fuel has cost lately. */
export function Dashboard({ start }: { start?: ReactNode }) {
  const { t } = useTranslation();
  const { user } = useSession();
  const allowed = useCan()("fleet_overview.read");
  const overview = useQuery({ ...overviewQuery, enabled: allowed });
  const head = (
    <PageHead
      title={t("dashboard.hello", { name: user.full_name.split(" ")[0] })}
      hint={allowed ? t("dashboard.hint") : null}
    />
  );
  if (!allowed) {
    return (
      <>
        {head}
        {start}
        <Modules />
      </>
    );
  }
  if (overview.isPending) return <PageSkeleton />;
  if (overview.isError) return <ErrorNote error={overview.error} onRetry={overview.refetch} />;
  const { papers } = overview.data;
  return (
    <>
      {head}
      {start}
      <Tiles overview={overview.data} />
      <div className="mt-4 grid gap-4 xl:grid-cols-[1.6fr_1fr]">
        <FuelCard />
        <ExpiringPapers counts={papers} />
      </div>
    </>
  );
}

/** The first page of somebody who runs no fleet: what they work in. */
function Modules() {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const modules = placesOf(useDescription());
  if (modules.length === 0) {
    return (
      <Card>
        <Empty icon={Gauge} title={t("dashboard.not_for_role")}>
          {t("dashboard.not_for_role_hint")}
        </Empty>
      </Card>
    );
  }
  return (
    <ul className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
      {modules.map((module) => {
        const Icon = moduleIcon(module.name);
        return (
          <li key={module.name}>
            <Link
              to="/m/$module"
              params={{ module: module.name }}
              className="flex h-full items-start gap-3 rounded-card border border-line bg-surface p-4 shadow-card hover:border-line-strong hover:bg-hover/40"
            >
              <span className="grid size-9 shrink-0 place-items-center rounded-lg bg-accent-soft text-accent-text">
                <Icon className="size-4.5" aria-hidden />
              </span>
              <span className="min-w-0">
                <span className="block font-medium">{labels.module(module.name)}</span>
                <span className="mt-0.5 line-clamp-2 block text-muted text-sm">
                  {format.list(mainResources(module, 4).map((resource) => labels.many(resource)))}
                </span>
              </span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

function Tiles({ overview }: { overview: Overview }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const couriers = useResource("fleet.couriers");
  const vehicles = useResource("fleet.vehicles");
  const status = (of: Overview["couriers"], ...names: string[]) =>
    names.reduce((sum, name) => sum + (of.by_status[name] ?? 0), 0);
  const waiting = overview.fuel_transactions;
  return (
    <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      {couriers ? (
        <Tile
          label={labels.many(couriers)}
          value={overview.couriers.total - status(overview.couriers, "terminated")}
          note={t("dashboard.active_couriers", {
            shown: format.number(status(overview.couriers, "active")),
            idle: format.number(overview.couriers_without_vehicle),
          })}
          to="/fleet/couriers"
          search={{ "status.in": "onboarding,active,on_leave,suspended,inactive" }}
        />
      ) : null}
      {vehicles ? (
        <Tile
          label={labels.many(vehicles)}
          value={overview.vehicles.total - status(overview.vehicles, "retired")}
          note={t("dashboard.in_workshop", {
            shown: format.number(status(overview.vehicles, "maintenance", "repair")),
          })}
          to="/fleet/vehicles"
          search={{ "status.in": "active,maintenance,repair,inactive" }}
        />
      ) : null}
      {vehicles ? (
        <Tile
          label={t("dashboard.without_courier")}
          value={overview.vehicles_without_courier}
          note={t("dashboard.without_courier_hint")}
          urgent
          to="/fleet/vehicle_assignments"
          search={{ "status.in": "active" }}
        />
      ) : null}
      {waiting ? (
        <Tile
          label={t("dashboard.fuel_waiting")}
          value={waiting.doubtful + waiting.unmatched}
          note={t("dashboard.fuel_waiting_hint", {
            doubtful: format.number(waiting.doubtful),
            unmatched: format.number(waiting.unmatched),
          })}
          urgent
          to="/fleet/fuel-waiting"
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
    <Card className="flex flex-col pb-4">
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
      {costs.data && last ? (
        <FuelChart months={costs.data} currency={currency} className="mx-4 min-h-64 flex-1" />
      ) : null}
      {costs.data && !last ? (
        <div className="px-5 pt-4 pb-6 text-muted text-sm">
          <p>{t("dashboard.fuel_none", { today: format.date(today()) })}</p>
          {can("plugins.read") ? (
            <Button asChild className="mt-3">
              <Link to="/integrations/plugins">{t("first.connect_action")}</Link>
            </Button>
          ) : null}
        </div>
      ) : null}
    </Card>
  );
}
