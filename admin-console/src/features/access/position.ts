import type { Me } from "@/lib/account";
import type { Member, Position, Role } from "./access-api";
import { above, givenOf, type Places } from "./permissions";

/** Memberships, from the most to the least. */
export const MEMBERSHIPS = ["owner", "admin", "manager", "viewer"] as const;
export type Membership = (typeof MEMBERSHIPS)[number];

/** An unknown one is less than all others. */
const rank = (membership: string) => MEMBERSHIPS.toReversed().indexOf(membership as Membership);

/** Whether somebody of this membership may give or take another one. */
export function mayGiveMembership(own: string, given: string): boolean {
  return rank(given) <= rank(own);
}

/** Whether all that the role allows is the caller's to give. Without the catalogue nobody knows; the server refuses then. */
export function mayGiveRole(role: Role, places: Places | undefined): boolean {
  return !places || above(givenOf(role.permissions, places), places).length === 0;
}

export type Bar = "yourself" | "above";

/** Why the caller cannot change this member's position or keep him out, if so. */
export function barOf(
  me: Pick<Me, "user" | "membership">,
  member: Position & { user_id?: string },
  roles: readonly Role[],
  places: Places | undefined,
): Bar | undefined {
  if (member.user_id === me.user.id) return "yourself";
  const held = roles.filter((role) => member.roles.includes(role.id));
  const within = mayGiveMembership(me.membership, member.membership) && held.every((role) => mayGiveRole(role, places));
  return within ? undefined : "above";
}

/** Whether the organization would be left without an owner if he went. */
export function isLastOwner(member: Member, members: readonly Member[]): boolean {
  return (
    member.membership === "owner" &&
    !members.some((one) => one.user_id !== member.user_id && one.membership === "owner" && one.status === "active")
  );
}

/** A viewer without job roles sees everything; with some, what these show and no more. */
export function seesEverything({ membership, roles }: Position): boolean {
  return membership === "viewer" && roles.length === 0;
}

export function samePosition(a: Position, b: Position): boolean {
  const roles = (position: Position) => [...position.roles].sort().join(" ");
  return a.membership === b.membership && roles(a) === roles(b);
}

/** Addresses out of what somebody typed or pasted: one per line, or with commas, semicolons, spaces or names around them. */
export function addressesIn(text: string): { good: string[]; bad: string[] } {
  const all = text
    .split(/[\s,;،؛]+/)
    .map((part) => part.replace(/^[<("']+|[>)"'.]+$/g, "").toLowerCase())
    .filter(Boolean);
  const hasAddress = (part: string) => /^[^@\s]+@[^@\s]+\.[^@\s.]+$/.test(part);
  const good = [...new Set(all.filter(hasAddress))];
  // Words of a name stand beside an address; only what looks like one and is none is worth a mention.
  return { good, bad: [...new Set(all.filter((part) => !hasAddress(part) && part.includes("@")))] };
}
