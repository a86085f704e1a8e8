import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { expect, it, vi } from "vitest";
import { renderPage } from "../../../test/render";
import { server } from "../../../test/server";
import { Access } from "./access";
import type { CatalogueEntry } from "./plugin-api";

const words = (en: string) => ({ en, ar: en });

const entry: CatalogueEntry = {
  name: "syarah-fuel",
  version: "1.0.0",
  title: words("Fuel cards"),
  description: words("Brings transactions."),
  publisher: "BARQ",
  handlers: ["fuel-source"],
  hosts: [
    { host: "{setting:base_url}", resolved: "fuel.example", reason: words("Your provider."), required: true },
    { host: "receipts.example", resolved: "receipts.example", reason: words("Only receipts."), required: false },
  ],
  reads: [{ resource: "fleet.vehicles", fields: ["plate_number"], reason: words("To ask for your vehicles only.") }],
  effects: ["fuel-transactions"],
  settings: [
    { name: "base_url", kind: "text", label: words("Provider's address"), required: true, default: null, values: [] },
  ],
  secrets: [{ name: "api_key", label: words("API key"), hosts: ["{setting:base_url}"], required: true }],
  installation_id: null,
};

it("says in plain words what a plugin asks for and grants only what was left ticked", async () => {
  const installed = vi.fn();
  server.use(
    http.post("*/api/v1/integrations/installations/install", async ({ request }) => {
      installed(await request.json());
      return HttpResponse.json({ id: "i1" }, { status: 201 });
    }),
  );
  const user = userEvent.setup();
  await renderPage(<Access entry={entry} />);
  expect(screen.getByText(/Vehicles/)).toBeInTheDocument();
  expect(screen.getByText(/To ask for your vehicles only/)).toBeInTheDocument();
  expect(screen.getByText(/the plugin itself never sees it/)).toBeInTheDocument();

  const allow = screen.getByRole("button", { name: "Allow and connect" });
  const needed = screen.getByRole("checkbox", { name: /fuel\.example/ });
  expect(needed).toBeChecked();
  expect(screen.getByRole("checkbox", { name: /receipts\.example/ })).not.toBeChecked();
  await user.click(needed);
  expect(allow).toBeDisabled();
  await user.click(needed);
  await user.click(allow);
  await waitFor(() =>
    expect(installed).toHaveBeenCalledWith({
      plugin: "syarah-fuel",
      grants: { hosts: ["{setting:base_url}"], effects: ["fuel-transactions"] },
    }),
  );
});
