/**
 * Figures that a module's own operations answer, shown at the top of its page where the caller may read them. An
 * operation that this server does not have, or that the caller may not ask, is left out without a word.
 */
export interface FigureSource {
  /** The operation, below the API's base. */
  path: string;
  permission: string;
  /** The answer's plain values, by a path of keys, and what each is called in the catalogue (`figure.<label>`). */
  figures: readonly Figure[];
}

export interface Figure {
  at: string;
  label: FigureLabel;
  /** How the value is written. A share is 0 to 1, a percentage 0 to 100. */
  as?: "number" | "money" | "percent" | "share";
  /** What a number counts, as the catalogue's `unit` names it. */
  unit?: "days" | "hours" | "minutes" | "km" | "l";
  /** The list that the figure counts. */
  to?: string;
  search?: Record<string, string>;
  /** More than none is something to look into. */
  urgent?: boolean;
}

export type FigureLabel = "couriers_without_vehicle" | "vehicles_without_courier" | "fuel_doubtful" | "fuel_unmatched";

export const FIGURES: Record<string, readonly FigureSource[]> = {
  fleet: [
    {
      path: "/fleet/overview",
      permission: "fleet_overview.read",
      figures: [
        {
          at: "couriers_without_vehicle",
          label: "couriers_without_vehicle",
          to: "/fleet/couriers",
          search: { "status.in": "active" },
          urgent: true,
        },
        {
          at: "vehicles_without_courier",
          label: "vehicles_without_courier",
          to: "/fleet/vehicle_assignments",
          search: { "status.in": "active" },
          urgent: true,
        },
        { at: "fuel_transactions.doubtful", label: "fuel_doubtful", to: "/fleet/fuel-waiting", urgent: true },
        { at: "fuel_transactions.unmatched", label: "fuel_unmatched", to: "/fleet/fuel-waiting", urgent: true },
      ],
    },
  ],
};

/** The value at "fuel_transactions.doubtful"; nothing where a part of the way is missing. */
export function valueAt(answer: unknown, path: string): string | number | undefined {
  let value = answer;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return typeof value === "number" || typeof value === "string" ? value : undefined;
}
