import { useTranslation } from "react-i18next";
import { type Format, useFormat } from "@/lib/format";
import { Table, Td, Th } from "@/ui/table";
import type { FuelCost } from "./fuel-api";

interface FuelTableProps {
  rows: FuelCost[];
  onOpen: (row: FuelCost) => void;
}

const FIGURES = ["fills", "volume_l", "cost", "distance_km", "km_per_l", "cost_per_km"] as const;
export type Figure = (typeof FIGURES)[number];

export const FIGURE_LABELS = {
  fills: "fuel.fills",
  volume_l: "fuel.volume",
  cost: "fuel.cost",
  distance_km: "fuel.distance",
  km_per_l: "fuel.km_per_l",
  cost_per_km: "fuel.cost_per_km",
} as const;

/** A figure that is not known is said to be unknown: a zero would be read as one. */
export function figureText(format: Format, figure: Figure, value: FuelCost[Figure]): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (figure === "fills") return format.number(value);
  if (figure === "cost") return format.number(value, 2);
  if (figure === "cost_per_km") return format.number(value, 3);
  if (figure === "distance_km") return format.upTo(value, 0);
  return format.number(value, 2);
}

export function FuelTable({ rows, onOpen }: FuelTableProps) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Table aria-label={t("fuel.by_vehicle")}>
      <thead>
        <tr>
          <Th>{t("fuel.vehicle")}</Th>
          <Th>{t("fuel.month")}</Th>
          {FIGURES.map((figure) => (
            <Th key={figure} className="num-column">
              {t(FIGURE_LABELS[figure])}
            </Th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.vehicle_id} ${row.month}`} className="last:[&>td]:border-b-0 hover:bg-hover/60">
            <Td className="font-medium">
              <bdi>{row.vehicle_title}</bdi>
            </Td>
            <Td className="whitespace-nowrap text-muted">{format.month(row.month)}</Td>
            {FIGURES.map((figure) => (
              <Td key={figure} className="num-column px-2">
                <FigureButton row={row} figure={figure} onOpen={onOpen} />
              </Td>
            ))}
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function FigureButton({ row, figure, onOpen }: { row: FuelCost; figure: Figure; onOpen: (row: FuelCost) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const text = figureText(format, figure, row[figure]);
  const name = t("fuel.figure_of", {
    figure: t(FIGURE_LABELS[figure]),
    vehicle: row.vehicle_title,
    month: format.month(row.month),
    value: text ?? t("common.unknown"),
  });
  return (
    <button
      type="button"
      onClick={() => onOpen(row)}
      aria-label={name}
      className="num rounded-md px-2 py-0.5 underline decoration-line-strong decoration-dotted underline-offset-4 hover:bg-accent-soft hover:text-accent-text hover:decoration-current"
    >
      {text ?? <span className="text-faint">{"—"}</span>}
    </button>
  );
}

/** The same on a phone: a card for a vehicle and month. */
export function FuelCards({ rows, onOpen }: FuelTableProps) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <ul className="divide-y divide-line border-line border-t">
      {rows.map((row) => (
        <li key={`${row.vehicle_id} ${row.month}`} className="px-4 py-3">
          <p className="mb-2 flex justify-between gap-3">
            <bdi className="truncate font-medium">{row.vehicle_title}</bdi>
            <span className="shrink-0 text-muted text-sm">{format.month(row.month)}</span>
          </p>
          <dl className="grid grid-cols-3 gap-x-3 gap-y-2 text-sm">
            {FIGURES.map((figure) => (
              <div key={figure} className="min-w-0">
                <dt className="truncate text-faint text-xs">{t(FIGURE_LABELS[figure])}</dt>
                <dd className="-ms-2">
                  <FigureButton row={row} figure={figure} onOpen={onOpen} />
                </dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  );
}
