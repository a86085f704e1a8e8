import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { Answer } from "@/api/answer";
import { answerOf, client } from "@/lib/api";
import { rowsChanged } from "@/lib/resource-api";

type FuelCosts = Answer<"/api/v1/fleet/fuel_costs", "get">;

/** What a vehicle's fuel came to in a month. Figures that cannot be known yet are null, never zero. */
export type FuelCost = FuelCosts["data"][number];
export type FuelMonth = FuelCosts["months"][number];
export type Fill = Answer<"/api/v1/fleet/fuel_costs/fills", "get">["data"][number];
export type Overview = Answer<"/api/v1/fleet/overview", "get">;

export interface FuelRange {
  from: string;
  to: string;
  vehicle_id?: string | undefined;
}

const ROWS = 50;

function costs(range: FuelRange, limit: number, after: string | undefined, signal: AbortSignal): Promise<FuelCosts> {
  const { from, to, vehicle_id } = range;
  const query = { from, to, limit, ...(vehicle_id ? { vehicle_id } : {}), ...(after ? { after } : {}) };
  return answerOf(client.GET("/api/v1/fleet/fuel_costs", { params: { query }, signal }));
}

export const fuelCostsQuery = (range: FuelRange) =>
  infiniteQueryOptions({
    queryKey: ["figures", "fuel_costs", range],
    queryFn: ({ pageParam, signal }) => costs(range, ROWS, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });

/** The months alone, for the first page: one row is asked for because the vehicles do not matter there. */
export const monthsQuery = (range: FuelRange) =>
  queryOptions({
    queryKey: ["figures", "fuel_months", range],
    queryFn: async ({ signal }) => (await costs(range, 1, undefined, signal)).months,
  });

export const fillsQuery = (vehicleId: string, month: string) =>
  queryOptions({
    queryKey: ["figures", "fuel_fills", vehicleId, month],
    queryFn: ({ signal }) => {
      const query = { vehicle_id: vehicleId, month };
      return answerOf(client.GET("/api/v1/fleet/fuel_costs/fills", { params: { query }, signal }));
    },
  });

/** The fleet at a glance, counted by the server in one go. */
export const overviewQuery = queryOptions({
  queryKey: ["figures", "overview"],
  queryFn: ({ signal }) => answerOf(client.GET("/api/v1/fleet/overview", { signal })),
});

/** Tries the rules again on what waits: after a card or a plate was put right it may settle itself. */
export async function matchAgain() {
  const result = await answerOf(client.POST("/api/v1/fleet/fuel_transactions/match", { body: {} }));
  await rowsChanged();
  return result;
}
