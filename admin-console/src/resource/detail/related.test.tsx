import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { useState } from "react";
import { beforeEach, describe, expect, it } from "vitest";
import type { Description, Resource } from "@/api/model";
import { signIn } from "@/lib/session";
import { renderPage } from "../../../test/render";
import { server } from "../../../test/server";
import { relationsOf } from "./related";
import { ResourceDetail } from "./resource-detail";

const named = (module: string, name: string, ...references: string[]): Resource => ({
  module,
  name,
  path: `/api/v1/${module}/${name}`,
  title: ["name"],
  verbs: ["list", "read", "create"],
  fields: [
    { name: "name", kind: "text", list: true, writable: true },
    ...references.map((field) => ({ name: field, kind: "reference" as const, to: "fleet.couriers", writable: true })),
  ],
  actions: [],
});

const couriers = named("fleet", "couriers");
const description: Description = {
  modules: [
    { name: "hr", resources: ["loans", "leaves", "bonuses"].map((name) => named("hr", name, "courier_id")) },
    {
      name: "fleet",
      resources: [
        couriers,
        named("fleet", "fuel_logs", "courier_id"),
        named("fleet", "shifts", "courier_id"),
        named("fleet", "handovers", "from_courier_id", "to_courier_id"),
      ],
    },
  ],
};

const row = (id: string, name: string) => ({
  id,
  name,
  version: 1,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "",
});

function Page() {
  const [tab, setTab] = useState<string>();
  return <ResourceDetail resource={couriers} id="c1" tab={tab} onTab={setTab} />;
}

beforeEach(async () => {
  await signIn({ email: "owner@example.sa", password: "x" });
  server.use(
    http.get("*/api/v1/description", () => HttpResponse.json(description)),
    http.get("*/api/v1/fleet/couriers/c1", () => HttpResponse.json(row("c1", "Ali Hassan"))),
    ...["fleet", "hr"].map((module) =>
      http.get(`*/api/v1/${module}/:resource`, ({ params, request }) => {
        const query = new URL(request.url).searchParams;
        const mine = params.resource === "leaves" && query.get("courier_id") === "c1";
        return HttpResponse.json({ data: mine ? [row("l1", "Annual leave")] : [], next: null, total: mine ? 1 : 0 });
      }),
    ),
  );
});

describe("what belongs to a row", () => {
  it("is everything that points at it, in the menu's order, whether the filter bar has it or not", () => {
    expect(relationsOf(description, couriers).map(({ resource, field }) => `${resource.name}.${field.name}`)).toEqual([
      "shifts.courier_id",
      "fuel_logs.courier_id",
      "handovers.from_courier_id",
      "handovers.to_courier_id",
      "leaves.courier_id",
      "bonuses.courier_id",
      "loans.courier_id",
    ]);
  });

  it("is found by module with its counts, opens where something is, and can be added to", async () => {
    const user = userEvent.setup();
    await renderPage(<Page />);
    await user.click(await screen.findByRole("tab", { name: "Related" }));
    expect(await screen.findByRole("link", { name: "Annual leave" })).toHaveAttribute("href", "/hr/leaves/l1");
    expect(screen.getByRole("link", { name: "New Leaves" })).toHaveAttribute("href", "/hr/leaves/new?courier_id=c1");
    const all = within(screen.getByRole("navigation", { name: "Related" }));
    expect(all.getByRole("button", { name: /Leaves/ })).toHaveTextContent("1");
    await user.click(all.getByRole("button", { name: /Handovers · To courier/ }));
    expect(await screen.findByText("No Handovers yet")).toBeInTheDocument();
  });
});
