import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Truck } from "lucide-react";
import { HttpResponse, http } from "msw";
import { useState } from "react";
import { beforeEach, describe, expect, it } from "vitest";
import type { Resource } from "@/api/model";
import { signIn } from "@/lib/session";
import { renderPage } from "../../../test/render";
import { problem, server, vehicles } from "../../../test/server";
import { ResourceList } from "./resource-list";
import type { ListSearch } from "./search";

const resource: Resource = {
  ...vehicles,
  actions: [{ name: "retire", inputs: [], when: { field: "status", values: ["active"] } }],
};

const rows = ["ABD 1", "ABD 2", "ABD 3"].map((plate_number, index) => ({
  id: `v${index}`,
  version: 1,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
  plate_number,
  vehicle_type: "car",
  year: 2020 + index,
  mileage_km: "10",
  status: index === 2 ? "retired" : "active",
}));

let asked: URL[] = [];
let address: ListSearch = {};

function List() {
  const [search, setSearch] = useState<ListSearch>({});
  address = search;
  return <ResourceList resource={resource} search={search} onSearch={setSearch} icon={Truck} />;
}

beforeEach(async () => {
  asked = [];
  await signIn({ email: "owner@example.sa", password: "x" });
  server.use(
    http.get("*/api/v1/fleet/couriers/options", () => HttpResponse.json({ data: [] })),
    http.get("*/api/v1/fleet/vehicles", ({ request }) => {
      const url = new URL(request.url);
      asked.push(url);
      const counting = url.searchParams.get("total") === "true";
      return HttpResponse.json({ data: counting ? [] : rows, next: null, ...(counting ? { total: 3 } : {}) });
    }),
  );
});

describe("a list", () => {
  it("is counted by itself, once for its question", async () => {
    await renderPage(<List />);
    expect(await screen.findByRole("link", { name: "ABD 1" })).toBeInTheDocument();
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: /Model year/ }));
    await waitFor(() => expect(asked.some((url) => url.searchParams.get("sort") === "year")).toBe(true));
    expect(asked.filter((url) => url.searchParams.get("total") === "true")).toHaveLength(1);
  });

  it("is narrowed to a state by one press", async () => {
    const user = userEvent.setup();
    await renderPage(<List />);
    await screen.findByRole("link", { name: "ABD 1" });
    await user.click(within(screen.getByRole("toolbar")).getByRole("button", { name: "Retired" }));
    expect(address).toEqual({ "status.in": "retired" });
    await waitFor(() => expect(asked.at(-1)?.searchParams.get("status.in")).toBe("retired"));
  });

  it("runs an action on the chosen rows that are in a state for it, says which failed, and tries those again", async () => {
    const tried: string[] = [];
    server.use(
      http.post("*/api/v1/fleet/vehicles/:id/retire", ({ params }) => {
        tried.push(String(params.id));
        const first = tried.filter((id) => id === "v1").length === 1;
        if (params.id === "v1" && first) return problem(409, { code: "in_use", title: "It is still assigned." });
        return HttpResponse.json({ id: params.id });
      }),
    );
    const user = userEvent.setup();
    await renderPage(<List />);
    await screen.findByRole("link", { name: "ABD 1" });
    await user.click(screen.getByRole("checkbox", { name: "Select all on this page" }));
    await user.click(screen.getByRole("button", { name: "Actions" }));
    await user.click(await screen.findByRole("menuitem", { name: /Retire/ }));
    const dialog = await screen.findByRole("dialog", { name: "Retire: 2 records" });
    expect(within(dialog).getByText(/1 selected record is not in a state/)).toBeInTheDocument();
    await user.click(within(dialog).getByRole("button", { name: "Retire" }));
    expect(await within(dialog).findByText("It is still assigned.")).toBeInTheDocument();
    expect(within(dialog).getByText("1 done")).toBeInTheDocument();
    await user.click(within(dialog).getByRole("button", { name: "Try 1 again" }));
    expect(await within(dialog).findByText("2 done")).toBeInTheDocument();
    expect(tried.sort()).toEqual(["v0", "v1", "v1"]);
    await user.click(within(dialog).getAllByRole("button", { name: "Close" })[0] as HTMLElement);
    expect(screen.queryByText(/selected/)).not.toBeInTheDocument();
  });

  it("sets one field in all chosen rows", async () => {
    let body: unknown;
    server.use(
      http.post("*/api/v1/fleet/vehicles/bulk", async ({ request }) => {
        body = await request.json();
        return HttpResponse.json({ data: [] });
      }),
    );
    const user = userEvent.setup();
    await renderPage(<List />);
    await user.click(await screen.findByRole("checkbox", { name: "Select ABD 2" }));
    await user.click(screen.getByRole("button", { name: "Edit a field" }));
    const dialog = await screen.findByRole("dialog");
    const fields = within(dialog).getByLabelText("Field");
    expect(within(fields).queryByRole("option", { name: "Plate number" })).not.toBeInTheDocument();
    await user.selectOptions(fields, "Model year");
    await user.type(within(dialog).getByLabelText("Model year"), "2024");
    await user.click(within(dialog).getByRole("button", { name: "Edit a field" }));
    await within(dialog).findByText("1 done");
    expect(body).toEqual({ operations: [{ op: "update", id: "v1", version: 1, data: { year: 2024 } }] });
  });

  it("keeps a view under a name for this member and comes back to it", async () => {
    const user = userEvent.setup();
    await renderPage(<List />);
    await screen.findByRole("link", { name: "ABD 1" });
    await user.click(within(screen.getByRole("toolbar")).getByRole("button", { name: "Active" }));
    await user.click(screen.getByRole("button", { name: "Views" }));
    await user.type(await screen.findByLabelText("Save this view as…"), "On the road");
    await user.click(screen.getByRole("button", { name: "Save" }));
    const saved = address;
    expect(saved["status.in"]).toBe("active");
    expect(saved.columns?.split(",")).toContain("year");
    const key = Object.keys(localStorage).find((name) => name.startsWith("barq.views.fleet.vehicles"));
    expect(key).toBe("barq.views.fleet.vehicles.o1.u1");
    await user.click(screen.getByRole("button", { name: "On the road" }));
    await user.click(await screen.findByRole("button", { name: "All Vehicles" }));
    expect(address).toEqual({});
    await user.click(screen.getByRole("button", { name: "Views" }));
    await user.click(await screen.findByRole("button", { name: "On the road" }));
    expect(address).toEqual(saved);
  });

  it("shows its columns in the order that the reader gives them", async () => {
    const user = userEvent.setup();
    await renderPage(<List />);
    await screen.findByRole("link", { name: "ABD 1" });
    const heads = () => screen.getAllByRole("columnheader").flatMap((head) => head.textContent || []);
    expect(heads().slice(0, 3)).toEqual(["Plate number", "Type", "Model year"]);
    await user.click(screen.getByRole("button", { name: "Columns" }));
    await user.click(await screen.findByRole("button", { name: "Move Model year forward" }));
    await user.click(screen.getByRole("checkbox", { name: "Created" }));
    expect(heads().slice(0, 3)).toEqual(["Plate number", "Model year", "Type"]);
    expect(heads().at(-1)).toBe("Created");
  });

  it("can be filtered by every plain field, those of the filter bar first", async () => {
    const user = userEvent.setup();
    await renderPage(<List />);
    await screen.findByRole("link", { name: "ABD 1" });
    await user.click(screen.getByRole("button", { name: "Filters" }));
    const sheet = await screen.findByRole("dialog", { name: "Filters" });
    expect(within(sheet).queryByRole("group", { name: "Purchase price" })).not.toBeInTheDocument();
    await user.click(within(sheet).getByRole("button", { name: /more fields/ }));
    await user.type(
      within(within(sheet).getByRole("group", { name: "Purchase price" })).getByLabelText("From"),
      "٥٠٠٠",
    );
    await user.click(within(sheet).getByRole("button", { name: "Apply" }));
    expect(address).toEqual({ "purchase_price.gte": "5000" });
    expect(screen.getByText("Purchase price from 5000")).toBeInTheDocument();
  });
});
