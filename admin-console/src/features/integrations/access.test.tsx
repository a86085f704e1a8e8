import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { expect, it, vi } from "vitest";
import { renderPage } from "../../../test/render";
import { server } from "../../../test/server";
import { Access } from "./access";
import { ask, asks, entry, installation } from "./sample";
import { UpdateNote } from "./update";

const API = "*/api/v1/integrations";

it("says in plain words what a plugin asks for and grants what it needs with what was ticked", async () => {
  const installed = vi.fn();
  server.use(
    http.post(`${API}/installations/install`, async ({ request }) => {
      installed(await request.json());
      return HttpResponse.json({ id: "i1" }, { status: 201 });
    }),
  );
  const user = userEvent.setup();
  await renderPage(<Access entry={entry} />);
  expect(screen.getByText("Adds fuel transactions.")).toBeInTheDocument();
  expect(screen.getByText("Vehicles")).toBeInTheDocument();
  expect(screen.getByText("To ask for your vehicles only.")).toBeInTheDocument();
  expect(screen.getByText("fuel.example")).toBeInTheDocument();
  expect(screen.getByText(/the plugin itself never sees it/)).toBeInTheDocument();
  expect(screen.getByText("every 6 hours")).toBeInTheDocument();

  // What it cannot do without is no choice; the one optional address is.
  const optional = screen.getByRole("checkbox");
  expect(optional).toHaveAccessibleName(/receipts\.example/);
  expect(optional).not.toBeChecked();
  await user.click(optional);
  await user.click(screen.getByRole("button", { name: "Allow and connect" }));
  await waitFor(() =>
    expect(installed).toHaveBeenCalledWith({
      plugin: "syarah-fuel",
      grants: {
        hosts: ["{setting:base_url}", "receipts.example"],
        effects: ["fuel-transactions"],
        reads: ["fleet.vehicles"],
        events: [],
      },
    }),
  );
});

it("shows what an update asks for beyond what was granted, and begins it with these grants", async () => {
  const granted = vi.fn();
  const more = ask("host", "new.example", { required: true });
  server.use(
    http.get(`${API}/plugin_versions/v2/offer`, () =>
      HttpResponse.json({ ...entry, version: "1.1.0", asks: [...asks, more] }),
    ),
    http.post(`${API}/installations/i1/grant`, async ({ request }) => {
      granted(await request.json());
      return HttpResponse.json(installation);
    }),
  );
  const user = userEvent.setup();
  const waiting = { ...installation, waiting_version_id: "v2", waiting_asks: { asks: [more] } };
  await renderPage(<UpdateNote installation={waiting} />);
  await user.click(screen.getByRole("button", { name: "See what is new" }));
  expect(await screen.findByText("Update to 1.1.0")).toBeInTheDocument();
  expect(screen.getByText("new.example")).toBeInTheDocument();
  expect(screen.getAllByText("New")).toHaveLength(1);
  await user.click(screen.getByRole("button", { name: "Allow and update" }));
  await waitFor(() =>
    expect(granted).toHaveBeenCalledWith({
      hosts: ["{setting:base_url}", "new.example"],
      effects: ["fuel-transactions"],
      reads: ["fleet.vehicles"],
      events: [],
      accepts_update: true,
    }),
  );
});
