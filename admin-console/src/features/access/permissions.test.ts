import { describe, expect, it } from "vitest";
import {
  above,
  copied,
  countGiven,
  differences,
  type Entry,
  forKeys,
  type Given,
  type Group,
  givenOf,
  grouped,
  listOf,
  matching,
  mayGive,
  mismatches,
  type Part,
  placesOf,
  rebased,
  type Scope,
  tidy,
  turnOf,
  widest,
  withPreset,
  withScope,
  withSeeing,
} from "./permissions";

const entry = (name: string, more: Partial<Entry> = {}): Entry => ({
  name,
  label: name,
  kind: "verb",
  fields: [],
  is_scoped: false,
  grantable: "all",
  ...more,
});

const couriers: Group = {
  name: "couriers",
  label: "Couriers",
  permissions: [
    entry("couriers.read", { label: "See", is_scoped: true }),
    entry("couriers.update", { label: "Change", is_scoped: true, grantable: "team" }),
    entry("couriers.delete", { label: "Delete", is_scoped: true, grantable: null }),
    entry("couriers.import", { label: "Import files", grantable: "team" }),
    entry("couriers.read_bank", { label: "IBAN", kind: "field", is_scoped: true }),
  ],
};
const vehicles: Group = {
  name: "vehicles",
  label: "Vehicles",
  permissions: [
    entry("vehicles.read", { label: "See" }),
    entry("vehicles.retire", { label: "Retire", kind: "action" }),
  ],
};
const parts: Part[] = [
  {
    module: "tenancy",
    label: "Organization",
    groups: [
      {
        name: "members",
        label: "Organization",
        permissions: [entry("members.read", { kind: "other" }), entry("members.create", { kind: "other" })],
      },
      { name: "roles", label: "Organization", permissions: [entry("roles.update", { kind: "other" })] },
    ],
  },
  { module: "fleet", label: "Fleet", groups: [couriers, vehicles] },
];
const places = placesOf(parts);
const given = (all: Record<string, Scope>): Given => new Map(Object.entries(all));
const of = (name: string): Entry => {
  const place = places.get(name);
  if (!place) throw new Error(name);
  return place.entry;
};

describe("what may be granted", () => {
  it("ends at the caller's own scope", () => {
    expect(["own", "team", "all"].map((scope) => mayGive(of("couriers.update"), scope as Scope))).toEqual([
      true,
      true,
      false,
    ]);
    expect(mayGive(of("couriers.delete"), "own")).toBe(false);
    expect(widest(of("couriers.update"))).toBe("team");
    expect(widest(of("couriers.delete"))).toBeUndefined();
  });

  it("is nothing where a permission has no rows of somebody's and the caller holds it for some only", () => {
    expect(widest(of("couriers.import"))).toBeUndefined();
  });

  it("keeps a caller out of a role that holds more than he does", () => {
    expect(above(given({ "couriers.update": "team", "couriers.read": "all" }), places)).toEqual([]);
    expect(
      above(given({ "couriers.update": "all", "couriers.delete": "own", "vehicles.read": "all" }), places),
    ).toEqual(["couriers.update", "couriers.delete"]);
  });

  it("narrows a copy to what the caller may give and says what became less", () => {
    const copy = copied(given({ "couriers.update": "all", "couriers.delete": "own", "vehicles.read": "all" }), places);
    expect(Object.fromEntries(copy.given)).toEqual({ "couriers.update": "team", "vehicles.read": "all" });
    expect(copy.less).toEqual(["couriers.update", "couriers.delete"]);
  });

  it("sets many at once without touching what is above the caller", () => {
    const before = given({ "couriers.delete": "all", "couriers.read_bank": "own" });
    expect(Object.fromEntries(withPreset(before, couriers.permissions, "everything"))).toEqual({
      "couriers.read": "all",
      "couriers.update": "team",
      "couriers.delete": "all",
      "couriers.read_bank": "all",
    });
    expect(Object.fromEntries(withPreset(before, couriers.permissions, "see"))).toEqual({
      "couriers.read": "all",
      "couriers.delete": "all",
    });
    expect(Object.fromEntries(withPreset(before, couriers.permissions, "nothing"))).toEqual({
      "couriers.delete": "all",
    });
    expect(before.get("couriers.read_bank")).toBe("own");
  });
});

describe("differences", () => {
  it("tell apart what is new, gone, wider and narrower", () => {
    const before = given({ "a.read": "own", "b.read": "all", "c.read": "team", "d.read": "all" });
    const after = given({ "a.read": "team", "b.read": "own", "d.read": "all", "e.read": "own" });
    expect(differences(before, after).map(({ name, turn }) => [name, turn])).toEqual([
      ["a.read", "wider"],
      ["b.read", "narrower"],
      ["c.read", "removed"],
      ["e.read", "added"],
    ]);
    expect(differences(before, before)).toEqual([]);
    expect(turnOf(undefined, undefined)).toBeUndefined();
  });

  it("are none after a change and its reverse", () => {
    const before = given({ "vehicles.read": "all" });
    const there = withScope(before, "vehicles.retire", "all");
    expect(differences(before, there)).toHaveLength(1);
    expect(differences(before, withScope(there, "vehicles.retire", undefined))).toEqual([]);
    expect(withScope(before, "vehicles.read", "all")).toBe(before);
  });

  it("are made again on a newer version, which keeps the rest of it", () => {
    const before = given({ "a.read": "all", "b.read": "all", "c.read": "own" });
    const mine = given({ "b.read": "team", "c.read": "own", "d.read": "all" });
    const newer = given({ "a.read": "all", "b.read": "own", "c.read": "all", "e.read": "all" });
    expect(Object.fromEntries(rebased(before, mine, newer))).toEqual({
      "b.read": "team",
      "c.read": "all",
      "d.read": "all",
      "e.read": "all",
    });
  });

  it("stand under the headings of the catalogue, in its order; what is unknown stands last", () => {
    const items = [{ name: "gone.read" }, { name: "vehicles.retire" }, { name: "couriers.update" }];
    expect(grouped(items, parts).map(({ part, group, items }) => [part, group, items.map((one) => one.label)])).toEqual(
      [
        ["Fleet", "Couriers", ["Change"]],
        ["Fleet", "Vehicles", ["Retire"]],
        ["", "", ["gone.read"]],
      ],
    );
  });
});

describe("groups", () => {
  it("puts what belongs to no resource together under its module, and behind the work", () => {
    const [fleet, tenancy] = tidy(parts);
    expect(tenancy?.groups.map(({ label, permissions }) => [label, permissions.map(({ name }) => name)])).toEqual([
      ["Organization", ["members.read", "members.create", "roles.update"]],
    ]);
    expect(fleet).toBe(parts[1]);
  });

  it("are found by every word, of the module, the thing or the permission, and are cut to it", () => {
    const names = (search: string, fits: (one: Entry) => boolean = () => true) =>
      matching(parts, search, fits).flatMap((part) =>
        part.groups.flatMap((group) => group.permissions.map(({ name }) => name)),
      );
    expect(names("fleet SEE")).toEqual(["couriers.read", "vehicles.read"]);
    expect(names("iban")).toEqual(["couriers.read_bank"]);
    expect(names("vehicles.ret")).toEqual(["vehicles.retire"]);
    expect(names("nowhere")).toEqual([]);
    expect(names("", (one) => one.kind === "field")).toEqual(["couriers.read_bank"]);
  });

  it("count what is given", () => {
    expect(countGiven([couriers, vehicles], given({ "vehicles.read": "all", "members.read": "all" }))).toEqual({
      given: 1,
      of: 7,
    });
  });

  it("say what does not fit to how far seeing reaches", () => {
    const found = (all: Record<string, Scope>) =>
      mismatches(couriers, given(all)).map(({ entry, why }) => [entry.name, why]);
    expect(found({ "couriers.update": "own" })).toEqual([["couriers.update", "beyond"]]);
    expect(found({ "couriers.read_bank": "own" })).toEqual([["couriers.read_bank", "beyond"]]);
    expect(found({ "couriers.read": "team", "couriers.update": "all", "couriers.read_bank": "own" })).toEqual([
      ["couriers.update", "beyond"],
      ["couriers.read_bank", "short"],
    ]);
    expect(found({ "couriers.read": "team", "couriers.update": "team", "couriers.read_bank": "all" })).toEqual([]);
    expect(mismatches(parts[0]?.groups[1] as Group, given({ "roles.update": "all" }))).toEqual([]);
  });
});

describe("seeing too", () => {
  it("reaches as far as what was given, no further than the caller", () => {
    const seen = (all: Record<string, Scope>, group = couriers) =>
      withSeeing(given(all), group).get(`${group.name}.read`);
    expect(seen({ "couriers.update": "team" })).toBe("team");
    expect(seen({ "couriers.update": "all", "couriers.read_bank": "own" })).toBe("all");
    expect(seen({ "couriers.update": "own", "couriers.read": "all" })).toBe("all");
    expect(seen({ "vehicles.retire": "all" }, vehicles)).toBe("all");
    const mine = { ...couriers, permissions: couriers.permissions.map((one) => ({ ...one, grantable: "own" })) };
    expect(seen({ "couriers.update": "team" }, mine)).toBe("own");
  });
});

describe("what is sent", () => {
  it("leaves out what this installation does not know, and is sorted", () => {
    const read = givenOf(
      [
        { name: "vehicles.retire", scope: "all" },
        { name: "gone.read", scope: "all" },
        { name: "couriers.read", scope: "team" },
        { name: "vehicles.read", scope: "galaxy" },
      ],
      places,
    );
    expect(listOf(read)).toEqual([
      { name: "couriers.read", scope: "team" },
      { name: "vehicles.retire", scope: "all" },
    ]);
  });
});

describe("keys", () => {
  it("are offered no scopes, nothing that gives access, and what the holder has", () => {
    const offered = forKeys(parts, (name) => name !== "vehicles.retire");
    const all = offered.flatMap((part) => part.groups.flatMap((group) => group.permissions));
    expect(all.map(({ name, grantable }) => [name, grantable])).toEqual([
      ["members.read", "all"],
      ["couriers.read", "all"],
      ["couriers.update", "all"],
      ["couriers.delete", null],
      ["couriers.import", "all"],
      ["couriers.read_bank", "all"],
      ["vehicles.read", "all"],
      ["vehicles.retire", null],
    ]);
    expect(all.some(({ is_scoped }) => is_scoped)).toBe(false);
  });
});
