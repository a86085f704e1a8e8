import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "@/lib/api";
import { rowsChanged } from "@/lib/resource-api";

/** What a vehicle's fuel came to in a month. Figures that cannot be known yet are null, never zero. */
export interface FuelCost {
  vehicle_id: string;
  vehicle_title: string;
  month: string;
  volume_l: string;
  cost: string;
  currency: string;
  distance_km: string | null;
  km_per_l: string | null;
  cost_per_km: string | null;
  fills: number;
  economy_volume_l?: string | null;
}

export interface FuelMonth {
  month: string;
  volume_l: string;
  cost: string;
  distance_km: string | null;
  km_per_l: string | null;
  fills: number;
}

export interface FuelCosts {
  data: FuelCost[];
  months: FuelMonth[];
  next: string | null;
}

export interface Fill {
  source: "fuel_log" | "fuel_transaction";
  id: string;
  /** The business day; the time where it is known. */
  day: string;
  at: string | null;
  station: string | null;
  volume_l: string;
  cost: string;
  odometer_km: string | null;
  is_full_tank: boolean | null;
  segment_distance_km: string | null;
  segment_volume_l: string | null;
  /** What the fill means for the economy. */
  note: FillNote;
}

export type FillNote =
  | "closes"
  | "opens"
  | "joins"
  | "no_odometer"
  | "same_reading"
  | "unanchored"
  | "odometer_fell"
  | "gap_too_long"
  | "given_up"
  | "reversed"
  | "electric";

export interface FuelRange {
  from: string;
  to: string;
  vehicle_id?: string | undefined;
}

export const fuelCostsQuery = (range: FuelRange) =>
  infiniteQueryOptions({
    queryKey: ["figures", "fuel_costs", range],
    queryFn: ({ pageParam, signal }) =>
      api.get<FuelCosts>("/fleet/fuel_costs", { query: { ...range, limit: 50, after: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const fillsQuery = (vehicleId: string, month: string) =>
  queryOptions({
    queryKey: ["figures", "fuel_fills", vehicleId, month],
    queryFn: ({ signal }) =>
      api.get<{ data: Fill[] }>("/fleet/fuel_costs/fills", { query: { vehicle_id: vehicleId, month }, signal }),
  });

/** The months alone, for the first page: one row is asked for because the vehicles do not matter there. */
export const monthsQuery = (range: FuelRange) =>
  queryOptions({
    queryKey: ["figures", "fuel_months", range],
    queryFn: async ({ signal }) =>
      (await api.get<FuelCosts>("/fleet/fuel_costs", { query: { ...range, limit: 1 }, signal })).months,
  });

export interface Rematched {
  examined: number;
  changed: number;
  matched: number;
}

/** Tries the rules again on what waits: after a card or a plate was put right it may settle itself. */
export async function matchAgain(): Promise<Rematched> {
  const result = await api.post<Rematched>("/fleet/fuel_transactions/match", { body: {} });
  await rowsChanged();
  return result;
}

/** The fleet at a glance, counted by the server in one go. */
export interface Overview {
  couriers: States;
  vehicles: States;
  couriers_without_vehicle: number;
  vehicles_without_courier: number;
  papers: { resource: string; field: string; expired: number; within_30_days: number }[];
  fuel_transactions: { unmatched: number; doubtful: number } | null;
}

interface States {
  total: number;
  by_status: Record<string, number>;
}

export const overviewQuery = queryOptions({
  queryKey: ["figures", "overview"],
  queryFn: ({ signal }) => api.get<Overview>("/fleet/overview", { signal }),
});
