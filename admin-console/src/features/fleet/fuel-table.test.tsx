import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { renderPage } from "../../../test/render";
import type { FuelCost } from "./fuel-api";
import { FuelTable } from "./fuel-table";

const cost: FuelCost = {
  vehicle_id: "v1",
  vehicle_title: "ABD 1234",
  month: "2026-06",
  volume_l: "63.000",
  cost: "137.34",
  currency: "SAR",
  distance_km: "700.00",
  km_per_l: "11.11",
  cost_per_km: "0.1962",
  fills: 3,
  economy_volume_l: "63.000",
  economy_cost: "137.34",
  breaks: 0,
};

it("opens the fills behind every figure", async () => {
  const onOpen = vi.fn();
  const user = userEvent.setup();
  await renderPage(<FuelTable rows={[cost]} onOpen={onOpen} />);
  await user.click(screen.getByRole("button", { name: "km per litre, ABD 1234, June 2026: 11.11. Show fills" }));
  expect(onOpen).toHaveBeenCalledWith(cost);
  expect(screen.getAllByRole("button", { name: /Show fills/ })).toHaveLength(6);
});

it("says that a figure is not known instead of showing nought", async () => {
  const unknown = { ...cost, distance_km: null, km_per_l: null, cost_per_km: null };
  await renderPage(<FuelTable rows={[unknown]} onOpen={vi.fn()} />);
  expect(screen.getByRole("button", { name: /km per litre.*not known/ })).toHaveTextContent("—");
});
