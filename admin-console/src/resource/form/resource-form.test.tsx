import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { describe, expect, it, vi } from "vitest";
import type { Row } from "@/api/model";
import { renderPage } from "../../../test/render";
import { problem, server, vehicles } from "../../../test/server";
import { ResourceForm } from "./resource-form";

const row: Row = {
  id: "v1",
  version: 7,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
  plate_number: "ABD 1234",
  vehicle_type: "car",
  year: 2021,
  mileage_km: "20000.00",
  purchase_price: "48500.00",
  registration_expires_on: "2026-12-01",
  is_pool_vehicle: false,
  status: "active",
  courier_id: null,
};

const couriersForPicker = http.get("*/api/v1/fleet/couriers/options", () => HttpResponse.json({ data: [] }));

describe("a form drawn from a description", () => {
  it("asks for what may be written and leaves out what the server keeps itself", async () => {
    server.use(couriersForPicker);
    await renderPage(<ResourceForm resource={vehicles} onSaved={vi.fn()} onCancel={vi.fn()} />);
    expect(screen.getByLabelText(/Plate number/)).toBeInTheDocument();
    expect(screen.getByRole("option", { name: "Motorcycle" })).toBeInTheDocument();
    expect(screen.queryByLabelText(/^Status/)).not.toBeInTheDocument();
  });

  it("sends numbers as numbers, amounts as exact text, and no empty fields", async () => {
    const sent = vi.fn();
    server.use(
      couriersForPicker,
      http.post("*/api/v1/fleet/vehicles", async ({ request }) => {
        sent(await request.json(), request.headers.get("idempotency-key"));
        return HttpResponse.json({ ...row, id: "v2" }, { status: 201 });
      }),
    );
    const onSaved = vi.fn();
    const user = userEvent.setup();
    await renderPage(<ResourceForm resource={vehicles} onSaved={onSaved} onCancel={vi.fn()} />);
    await user.type(screen.getByLabelText(/Plate number/), "ABD ١٢٣٤");
    await user.selectOptions(screen.getByLabelText(/Type/), "motorcycle");
    await user.type(screen.getByLabelText(/Model year/), "2024");
    await user.type(screen.getByLabelText(/Purchase price/), "48500.10");
    await user.type(screen.getByLabelText(/Registration expiry/), "15/03/2027");
    await user.click(screen.getByRole("button", { name: "Create" }));
    await waitFor(() => expect(onSaved).toHaveBeenCalled());
    const [body, key] = sent.mock.calls[0] ?? [];
    expect(body).toEqual({
      plate_number: "ABD 1234",
      vehicle_type: "motorcycle",
      year: 2024,
      mileage_km: "0",
      purchase_price: "48500.10",
      registration_expires_on: "2027-03-15",
      is_pool_vehicle: false,
    });
    expect(key).toBeTruthy();
  });

  it("shows each refusal at its field, in the server's words", async () => {
    server.use(
      couriersForPicker,
      http.post("*/api/v1/fleet/vehicles", () =>
        problem(422, {
          errors: [{ field: "plate_number", code: "taken", message: "Another vehicle has this plate." }],
        }),
      ),
    );
    const user = userEvent.setup();
    await renderPage(<ResourceForm resource={vehicles} onSaved={vi.fn()} onCancel={vi.fn()} />);
    await user.type(screen.getByLabelText(/Plate number/), "ABD 1234");
    await user.selectOptions(screen.getByLabelText(/Type/), "car");
    await user.click(screen.getByRole("button", { name: "Create" }));
    const plate = await screen.findByLabelText(/Plate number/);
    await waitFor(() => expect(plate).toBeInvalid());
    expect(plate).toHaveAccessibleDescription("Another vehicle has this plate.");
    expect(plate).toHaveFocus();
  });

  it("changes only what was changed, and names the version it saw", async () => {
    const sent = vi.fn();
    server.use(
      couriersForPicker,
      http.patch("*/api/v1/fleet/vehicles/v1", async ({ request }) => {
        sent(await request.json(), request.headers.get("if-match"));
        return HttpResponse.json({ ...row, version: 8 });
      }),
    );
    const onSaved = vi.fn();
    const user = userEvent.setup();
    await renderPage(<ResourceForm resource={vehicles} row={row} onSaved={onSaved} onCancel={vi.fn()} />);
    await user.clear(screen.getByLabelText(/Purchase price/));
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(onSaved).toHaveBeenCalled());
    expect(sent).toHaveBeenCalledWith({ purchase_price: null }, '"7"');
  });

  it("offers the newer version when somebody else was faster", async () => {
    server.use(
      couriersForPicker,
      http.patch("*/api/v1/fleet/vehicles/v1", () => problem(412, { code: "stale" })),
    );
    const onReload = vi.fn();
    const user = userEvent.setup();
    await renderPage(
      <ResourceForm resource={vehicles} row={row} onSaved={vi.fn()} onCancel={vi.fn()} onReload={onReload} />,
    );
    await user.type(screen.getByLabelText(/Model year/), "5");
    await user.click(screen.getByRole("button", { name: "Save" }));
    await user.click(await screen.findByRole("button", { name: "Load newer version" }));
    expect(onReload).toHaveBeenCalledOnce();
  });
});
