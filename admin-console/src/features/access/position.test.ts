import { describe, expect, it } from "vitest";
import type { Member, Role } from "./access-api";
import { addressesIn, barOf, isLastOwner, mayGiveMembership, samePosition, seesEverything } from "./position";

const member = (user_id: string, membership: string, more: Partial<Member> = {}): Member => ({
  user_id,
  full_name: user_id,
  email: `${user_id}@example.sa`,
  membership,
  roles: [],
  status: "active",
  created_at: "2026-01-01T00:00:00Z",
  ...more,
});
const me = { user: { id: "me", email: "", full_name: "" }, membership: "admin" };

describe("memberships", () => {
  it("are given up to one's own", () => {
    expect(["owner", "admin", "manager", "viewer"].map((one) => mayGiveMembership("admin", one))).toEqual([
      false,
      true,
      true,
      true,
    ]);
    expect(mayGiveMembership("visitor", "viewer")).toBe(false);
  });

  it("keep one from changing oneself and whoever stands above", () => {
    expect(barOf(me, member("me", "admin"), [], undefined)).toBe("yourself");
    expect(barOf(me, member("boss", "owner"), [], undefined)).toBe("above");
    expect(barOf(me, member("other", "admin"), [], undefined)).toBeUndefined();
  });

  it("are not the caller's to change where a job role allows more than he may", () => {
    const role: Role = {
      id: "payers",
      name: "Payers",
      is_built_in: false,
      members: 1,
      permissions: [{ name: "payrolls.pay", scope: "all" }],
    };
    const entry = { name: "payrolls.pay", label: "Pay", kind: "action", fields: [], is_scoped: false, grantable: null };
    const group = { name: "payrolls", label: "Payrolls", permissions: [entry] };
    const places = new Map([[entry.name, { part: { module: "hr", label: "HR", groups: [group] }, group, entry }]]);
    const payer = member("payer", "viewer", { roles: ["payers"] });
    expect(barOf(me, payer, [role], places)).toBe("above");
    expect(barOf(me, member("viewer", "viewer"), [role], places)).toBeUndefined();
  });

  it("know the last owner who can come in", () => {
    const owner = member("a", "owner");
    expect(isLastOwner(owner, [owner, member("b", "admin")])).toBe(true);
    expect(isLastOwner(owner, [owner, member("b", "owner", { status: "suspended" })])).toBe(true);
    expect(isLastOwner(owner, [owner, member("b", "owner")])).toBe(false);
    expect(isLastOwner(member("c", "admin"), [owner])).toBe(false);
  });

  it("make a viewer without roles one who sees everything", () => {
    expect(seesEverything({ membership: "viewer", roles: [] })).toBe(true);
    expect(seesEverything({ membership: "viewer", roles: ["courier"] })).toBe(false);
    expect(seesEverything({ membership: "manager", roles: [] })).toBe(false);
  });

  it("are the same whatever the order of the roles", () => {
    const a = { membership: "viewer", roles: ["x", "y"] };
    expect(samePosition(a, { membership: "viewer", roles: ["y", "x"] })).toBe(true);
    expect(samePosition(a, { membership: "viewer", roles: ["y"] })).toBe(false);
    expect(samePosition(a, { membership: "manager", roles: ["y", "x"] })).toBe(false);
  });
});

describe("addresses", () => {
  it("come out of what people paste", () => {
    expect(addressesIn("Ali Hassan <Ali@Example.sa>; sara@example.sa,\n sara@example.sa  (omar@example.sa)")).toEqual({
      good: ["ali@example.sa", "sara@example.sa", "omar@example.sa"],
      bad: [],
    });
    expect(addressesIn("ali@example.sa، noura@example.sa").good).toHaveLength(2);
  });

  it("say what looks like one and is none", () => {
    expect(addressesIn("ali@example, sara@@example.sa good@example.sa")).toEqual({
      good: ["good@example.sa"],
      bad: ["ali@example", "sara@@example.sa"],
    });
    expect(addressesIn("  \n ")).toEqual({ good: [], bad: [] });
  });
});
