import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { Description, Resource } from "@/api/model";
import { labelsOf } from "@/lib/labels";
import { signIn } from "@/lib/session";
import { renderPage } from "../../test/render";
import { server } from "../../test/server";
import { entryOf, navigationOf } from "./navigation";
import { Rail } from "./rail";

const resource = (module: string, name: string): Resource => ({
  module,
  name,
  path: `/api/v1/${module}/${name}`,
  title: [],
  verbs: ["list", "read"],
  fields: [],
  actions: [],
});

const FLEET = ["couriers", "vehicles", "vehicle_maintenance", "fuel_logs", "fuel_transactions", "documents"];
const description: Description = {
  modules: [
    { name: "integrations", resources: [resource("integrations", "runs")] },
    { name: "hr", resources: [resource("hr", "leaves")] },
    { name: "fleet", resources: FLEET.map((name) => resource("fleet", name)) },
  ],
};

const words = { label: (key: string) => key, group: (name: string) => name, labels: labelsOf(undefined) };
const navigation = navigationOf(description, (permission) => permission === "plugins.read", words);

describe("the menu", () => {
  it("holds what may be listed, in the order of the modules, and the pages made by hand where they belong", () => {
    expect(navigation.modules.map((module) => module.name)).toEqual(["fleet", "hr", "integrations"]);
    const fuel = navigation.modules[0]?.groups.find((group) => group.name === "fuel");
    expect(fuel?.items.map((item) => item.to)).toEqual([
      "/fleet/fuel_logs",
      "/fleet/fuel_transactions",
      "/fleet/fuel-waiting",
    ]);
    // What a page of its own replaces is not listed beside it; who may not see costs has no entry for them.
    const all = navigation.modules.flatMap((module) => module.groups.flatMap((group) => group.items));
    expect(all.map((item) => item.to)).not.toContain("/integrations/runs");
    expect(all.map((item) => item.to)).not.toContain("/fleet/fuel-costs");
    expect(navigation.modules[2]?.groups[0]?.items.map((item) => item.to)).toEqual(["/integrations/plugins"]);
  });

  it("needs no sub-headings where a module is short", () => {
    expect(navigation.modules[1]?.groups.map((group) => group.label)).toEqual([undefined]);
  });

  it("knows under which entry a page stands", () => {
    expect(entryOf(navigation, "/fleet/vehicles/v1/edit")).toEqual({ module: "fleet", to: "/fleet/vehicles" });
    expect(entryOf(navigation, "/fleet/fuel-waiting")).toEqual({ module: "fleet", to: "/fleet/fuel-waiting" });
    expect(entryOf(navigation, "/m/hr")).toEqual({ module: "hr", to: "/m/hr" });
    expect(entryOf(navigation, "/fleet/unlisted/x")).toEqual({ module: "fleet", to: undefined });
    expect(entryOf(navigation, "/")).toEqual({ module: undefined, to: "/" });
  });
});

describe("the rail", () => {
  beforeEach(async () => {
    await signIn({ email: "owner@example.sa", password: "x" });
    server.use(http.get("*/api/v1/description", () => HttpResponse.json(description)));
  });

  it("opens modules, keeps what was opened, and is walked by the arrow keys", async () => {
    const user = userEvent.setup();
    await renderPage(<Rail />);
    const menu = within(screen.getByRole("navigation"));
    expect(menu.queryByRole("link", { name: "Couriers" })).not.toBeInTheDocument();
    menu.getByRole("link", { name: "Dashboard" }).focus();
    await user.keyboard("{ArrowDown}");
    expect(menu.getByRole("button", { name: "Fleet" })).toHaveFocus();
    await user.keyboard("{ArrowRight}");
    expect(menu.getByRole("button", { name: "Fleet" })).toHaveAttribute("aria-expanded", "true");
    await user.keyboard("{ArrowDown}");
    expect(menu.getByRole("link", { name: "Overview" })).toHaveFocus();
    await user.keyboard("{ArrowLeft}");
    expect(menu.getByRole("button", { name: "Fleet" })).toHaveFocus();
    expect(localStorage.getItem("barq.menu.open.o1.u1")).toBe('["fleet"]');
    await user.keyboard("{ArrowLeft}");
    expect(menu.queryByRole("link", { name: "Overview" })).not.toBeInTheDocument();
    expect(localStorage.getItem("barq.menu.open.o1.u1")).toBe("[]");
  });

  it("opens as it was left", async () => {
    localStorage.setItem("barq.menu.open.o1.u1", '["hr","fleet","fleet/fuel"]');
    await renderPage(<Rail />);
    const menu = within(screen.getByRole("navigation"));
    expect(menu.getByRole("link", { name: "Leaves" })).toBeInTheDocument();
    expect(menu.getByRole("button", { name: "Fuel" })).toHaveAttribute("aria-expanded", "false");
    expect(menu.queryByRole("link", { name: "Fuel logs" })).not.toBeInTheDocument();
  });
});
