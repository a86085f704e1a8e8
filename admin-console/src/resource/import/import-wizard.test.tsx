import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { expect, it, vi } from "vitest";
import { renderPage } from "../../../test/render";
import { server, vehicles } from "../../../test/server";
import { ImportWizard } from "./import-wizard";

const uploaded = {
  id: "i1",
  file_name: "fleet.csv",
  rows: 3,
  state: "uploaded",
  columns: [
    { name: "Plate", samples: ["ABD 1234"] },
    { name: "Kind", samples: ["scooter", "car"] },
  ],
  mapping: { plate_number: { columns: ["Plate"] } },
};

it("maps columns, translates values, shows what is wrong row by row, and creates only at the end", async () => {
  const checked = vi.fn();
  const committed = vi.fn();
  server.use(
    http.post("*/api/v1/fleet/vehicles/imports", ({ request }) => {
      expect(new URL(request.url).searchParams.get("file_name")).toBe("fleet.csv");
      return HttpResponse.json(uploaded, { status: 201 });
    }),
    http.post("*/api/v1/fleet/vehicles/imports/i1/check", async ({ request }) => {
      checked(await request.json());
      return HttpResponse.json({
        state: "checked",
        rows: 3,
        ready: 2,
        bad: 1,
        repeated: 0,
        existing: 0,
        errors: [{ row: 3, field: "plate_number", code: "not_a_plate", message: "Is not a plate.", value: "??" }],
        unmatched: {},
        preview: [{ plate_number: "ABD 1234", vehicle_type: "motorcycle" }],
      });
    }),
    http.post("*/api/v1/fleet/vehicles/imports/i1/commit", () => {
      committed();
      return HttpResponse.json({ state: "committed", created: 2, bad: 1, repeated: 0, existing: 0 });
    }),
  );
  const user = userEvent.setup();
  await renderPage(<ImportWizard resource={vehicles} />);

  await user.upload(
    screen.getByLabelText(/Choose a file/),
    new File(["Plate,Kind"], "fleet.csv", { type: "text/csv" }),
  );
  expect(await screen.findByText(/Still needed: Type/)).toBeInTheDocument();
  await user.selectOptions(screen.getByLabelText(/^Type/), "Kind");
  await user.selectOptions(screen.getByLabelText("“scooter” means"), "motorcycle");
  await user.click(screen.getByRole("button", { name: "Try it out" }));

  const errors = await screen.findByRole("table", { name: "What is wrong" });
  expect(errors).toHaveTextContent(/3\s*Plate number\s*\?\?\s*Is not a plate\./);
  expect(checked).toHaveBeenCalledWith({
    mapping: {
      plate_number: { columns: ["Plate"] },
      vehicle_type: { columns: ["Kind"], values: { scooter: "motorcycle" } },
    },
  });
  expect(committed).not.toHaveBeenCalled();

  await user.click(screen.getByRole("button", { name: "Create 2 records" }));
  expect(await screen.findByRole("heading", { name: "Vehicles: 2 records created" })).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Download rejected rows" })).toBeInTheDocument();
  await waitFor(() => expect(committed).toHaveBeenCalledOnce());
});

it("refuses a file that cannot be a table before it is sent", async () => {
  const user = userEvent.setup({ applyAccept: false });
  await renderPage(<ImportWizard resource={vehicles} />);
  await user.upload(screen.getByLabelText(/Choose a file/), new File(["x"], "photo.png"));
  expect(await screen.findByText("Only CSV and .xlsx files can be read.")).toBeInTheDocument();
});
