import { describe, expect, it } from "vitest";
import type { Resource } from "@/api/model";
import { groupsOfModule, mainResources, placesOf, stateOf } from "./places";

const resource = (module: string, name: string, more: Partial<Resource> = {}): Resource => ({
  module,
  name,
  path: `/api/v1/${module}/${name}`,
  title: [],
  verbs: ["list", "read"],
  fields: [],
  actions: [],
  ...more,
});

describe("places", () => {
  it("stand in their own order, whatever order the server names them in; a module nobody named comes last", () => {
    const modules = ["zoo", "support", "fleet"].map((name) => ({ name, resources: [resource(name, "things")] }));
    expect(placesOf({ modules }).map((module) => module.name)).toEqual(["fleet", "support", "zoo"]);
  });

  it("leave out what may not be listed, and a module without anything", () => {
    const modules = [{ name: "fleet", resources: [resource("fleet", "vehicles", { verbs: ["read"] })] }];
    expect(placesOf({ modules })).toEqual([]);
  });

  it("put a resource under the heading that names it, by its name under one that takes it, else under more", () => {
    const names = ["vehicles", "couriers", "fuel_cards", "vehicle_inspections", "wishes"];
    const groups = groupsOfModule(
      "fleet",
      names.map((name) => resource("fleet", name)),
    );
    expect(groups.map((group) => [group.name, group.resources.map((one) => one.name)])).toEqual([
      ["register", ["couriers", "vehicles"]],
      ["upkeep", ["vehicle_inspections"]],
      ["fuel", ["fuel_cards"]],
      ["more", ["wishes"]],
    ]);
  });

  it("know what a module is mainly about, as far as it is there", () => {
    const [fleet] = placesOf({
      modules: [{ name: "fleet", resources: ["fuel_logs", "vehicles"].map((name) => resource("fleet", name)) }],
    });
    expect(fleet && mainResources(fleet, 4).map((one) => one.name)).toEqual(["vehicles"]);
  });
});

it("takes as a state the field that says where the row stands, not one that says what was paid", () => {
  const choice = (name: string, more = {}) => ({ name, kind: "choice" as const, values: ["a", "b"], ...more });
  expect(stateOf(resource("hr", "x", { fields: [choice("payment_status"), choice("status")] }))?.name).toBe("status");
  expect(stateOf(resource("hr", "x", { fields: [choice("approval_status", { read_only: true })] }))?.name).toBe(
    "approval_status",
  );
  expect(stateOf(resource("hr", "x", { fields: [choice("sponsorship_status")] }))).toBeUndefined();
});
