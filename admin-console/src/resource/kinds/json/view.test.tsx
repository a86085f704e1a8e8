import { screen } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import type { Field, Resource, Row } from "@/api/model";
import { titleGiven, titleOf } from "@/lib/resource-api";
import { signIn } from "@/lib/session";
import { renderPage } from "../../../../test/render";
import { couriers, server, vehicles } from "../../../../test/server";
import { kindOf } from "../registry";

const VEHICLE = "01a205d1-5278-77ea-bc79-638bf2fe3012";
const COURIER = "01a205d1-2f25-73be-a1c6-a7769faecdf1";
const stamps = { version: 1, created_at: "", updated_at: "" };

const workflows: Resource = {
  module: "workflow",
  name: "workflow_instances",
  path: "/api/v1/workflow/workflow_instances",
  title: ["entity_type"],
  verbs: ["list", "read"],
  fields: ["entity_type", "entity_id", "data"].map((name) => ({ name, kind: name === "data" ? "json" : "text" })),
  actions: [],
};

const row: Row = {
  ...stamps,
  id: "w1",
  entity_type: "fleet.vehicles",
  entity_id: VEHICLE,
  data: {
    id: VEHICLE,
    vehicle_type: "car",
    courier_id: COURIER,
    bought_on: "2026-01-15",
    fault_found: "low_tyre",
    place: [46.61699999999999, 24.573],
  },
};

function Facts() {
  return workflows.fields.map((field: Field) => {
    const { Cell } = kindOf(field.kind);
    return <Cell key={field.name} field={field} resource={workflows} value={row[field.name]} row={row} full />;
  });
}

it("tells of another row in that row's words and by its name, without a raw id", async () => {
  server.use(
    http.get(`*/api/v1/fleet/vehicles/${VEHICLE}`, () =>
      HttpResponse.json({ ...stamps, id: VEHICLE, plate_number: "ABD 1234" }),
    ),
    http.get(`*/api/v1/fleet/couriers/${COURIER}`, () =>
      HttpResponse.json({ ...stamps, id: COURIER, full_name: "Ali Hassan" }),
    ),
  );
  await signIn({ email: "owner@example.sa", password: "x" });
  await renderPage(<Facts />);
  expect(await screen.findByRole("link", { name: "ABD 1234" })).toHaveAttribute("href", `/fleet/vehicles/${VEHICLE}`);
  expect(await screen.findByRole("link", { name: "Ali Hassan" })).toHaveAttribute("href", `/fleet/couriers/${COURIER}`);
  for (const text of ["Vehicle", "Type", "Car", "15 Jan 2026", "Low tyre", "46.617, 24.573"]) {
    expect(screen.getByText(text)).toBeInTheDocument();
  }
  expect(screen.getByTestId("page").textContent).not.toContain("01a205d1");
});

it("calls rows by the words of their choices", async () => {
  await signIn({ email: "owner@example.sa", password: "x" });
  await renderPage(<Facts />);
  const byType = { ...vehicles, title: ["vehicle_type"] };
  expect(titleOf(byType, { ...stamps, id: "v1", vehicle_type: "motorcycle" })).toBe("Motorcycle");
  expect(titleGiven(byType, "motorcycle")).toBe("Motorcycle");
  expect(titleGiven(couriers, "motorcycle")).toBe("motorcycle");
});
