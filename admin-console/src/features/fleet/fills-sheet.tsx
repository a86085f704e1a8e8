import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Dialog } from "@/ui/dialog";
import { ErrorNote } from "@/ui/error-note";
import { RowsSkeleton } from "@/ui/skeleton";
import { type Fill, type FuelCost, fillsQuery } from "./fuel-api";
import { FIGURE_LABELS, type Figure, figureText } from "./fuel-table";

const RESOURCES: Record<string, string> = { fuel_log: "fuel_logs", fuel_transaction: "fuel_transactions" };
const SHOWN: Figure[] = ["volume_l", "cost", "distance_km", "km_per_l"];

/** The fills that a month's figures are made of, each leading to its record, and the sum that gives the economy. */
export function FillsSheet({ cost, onClose }: { cost: FuelCost; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const fills = useQuery(fillsQuery(cost.vehicle_id, cost.month));
  return (
    <Dialog
      sheet
      open
      onOpenChange={onClose}
      title={<bdi>{cost.vehicle_title}</bdi>}
      description={t("fuel.fills_of", { month: format.month(cost.month) })}
    >
      <dl className="mb-5 grid grid-cols-2 gap-3 sm:grid-cols-4">
        {SHOWN.map((figure) => (
          <div key={figure} className="rounded-lg bg-sunken px-3 py-2">
            <dt className="text-faint text-xs">{t(FIGURE_LABELS[figure])}</dt>
            <dd className="num font-semibold">{figureText(format, figure, cost[figure]) ?? t("common.unknown")}</dd>
          </div>
        ))}
      </dl>
      <Sum cost={cost} />
      {fills.isPending ? <RowsSkeleton /> : null}
      {fills.isError ? <ErrorNote error={fills.error} onRetry={fills.refetch} /> : null}
      {fills.data ? (
        <ul className="divide-y divide-line rounded-xl border border-line">
          {fills.data.data.map((fill) => (
            <FillItem key={`${fill.source} ${fill.id}`} fill={fill} />
          ))}
        </ul>
      ) : null}
    </Dialog>
  );
}

function Sum({ cost }: { cost: FuelCost }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!cost.km_per_l) return <p className="mb-4 text-muted text-sm">{t("fuel.no_economy")}</p>;
  if (!cost.economy_volume_l) return null;
  return (
    <p className="mb-4 text-muted text-sm">
      {t("fuel.sum", {
        distance: format.upTo(cost.distance_km ?? 0, 1),
        volume: format.upTo(cost.economy_volume_l, 2),
        economy: format.number(cost.km_per_l, 2),
      })}
    </p>
  );
}

function FillItem({ fill }: { fill: Fill }) {
  const { t } = useTranslation();
  const format = useFormat();
  const segment = fill.segment_distance_km && fill.segment_volume_l;
  return (
    <li className="px-4 py-3 text-sm">
      <div className="flex items-start justify-between gap-3">
        <div className="min-w-0">
          <Link
            to="/$module/$resource/$id"
            params={{ module: "fleet", resource: RESOURCES[fill.source] ?? "fuel_logs", id: fill.id }}
            className="font-medium text-accent-text hover:underline"
          >
            {fill.at ? format.instant(fill.at) : format.date(fill.day)}
          </Link>
          <p className="truncate text-muted">
            <bdi>{fill.station ?? t("fuel.no_station")}</bdi>
          </p>
        </div>
        <div className="num shrink-0 text-end">
          <p>
            {format.upTo(fill.volume_l, 2)}{" "}
            <span className="text-faint text-xs">{fill.note === "electric" ? t("unit.kwh") : t("unit.l")}</span>
          </p>
          <p className="text-muted">{format.number(fill.cost, 2)}</p>
        </div>
      </div>
      <div className="mt-2 flex flex-wrap items-center gap-2">
        <Badge>{t(`fuel.source_${fill.source as "fuel_log"}`)}</Badge>
        {fill.is_full_tank === null || fill.is_full_tank === undefined ? null : (
          <Badge tone={fill.is_full_tank ? "ok" : "neutral"}>
            {fill.is_full_tank ? t("fuel.full_tank") : t("fuel.part_tank")}
          </Badge>
        )}
        {fill.odometer_km ? (
          <span className="num text-faint text-xs">{t("fuel.odometer", { km: format.upTo(fill.odometer_km, 0) })}</span>
        ) : null}
        {segment ? (
          <span className="num text-faint text-xs">
            {t("fuel.segment", {
              km: format.upTo(fill.segment_distance_km ?? 0, 1),
              litres: format.upTo(fill.segment_volume_l ?? 0, 2),
            })}
          </span>
        ) : (
          <span className="text-faint text-xs">{t(`fuel.note_${fill.note as "closes"}`, { defaultValue: "" })}</span>
        )}
      </div>
    </li>
  );
}
