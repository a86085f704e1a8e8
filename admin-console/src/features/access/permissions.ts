import type { Answer } from "@/api/answer";
import { fold } from "@/lib/fold";

/** What can be allowed, as the server's catalogue tells it: modules, the things in them, and what can be done with these. */
export type Part = Answer<"/api/v1/permissions", "get">["data"][number];
export type Group = Part["groups"][number];
export type Entry = Group["permissions"][number];

export type Scope = "own" | "team" | "all";
/** What a role allows: a permission by its name, and for which rows. */
export type Given = ReadonlyMap<string, Scope>;

const RANK: Record<Scope, number> = { own: 1, team: 2, all: 3 };
const SCOPES: readonly Scope[] = ["own", "team", "all"];

const rank = (scope: string | null | undefined): number => RANK[scope as Scope] ?? 0;

export function isWider(scope: Scope | undefined, than: Scope | undefined): boolean {
  return rank(scope) > rank(than);
}

/** The scopes that a permission can have at all. */
export function scopesOf(entry: Entry): readonly Scope[] {
  return entry.is_scoped ? SCOPES : ["all"];
}

/** Whether the caller may give it for these rows: nobody gives more than he has. */
export function mayGive(entry: Entry, scope: Scope): boolean {
  return rank(scope) <= rank(entry.grantable);
}

/** The widest scope that the caller may give, of those that the permission can have. */
export function widest(entry: Entry): Scope | undefined {
  return scopesOf(entry).findLast((scope) => mayGive(entry, scope));
}

/** What a permission is about: "vehicles.read_cost" is about "vehicles". */
export function objectOf(name: string): string {
  return name.slice(0, Math.max(name.lastIndexOf("."), 0)) || name;
}

/**
 * The catalogue as it is read: permissions that belong to no resource stand under their module's name each, and are put
 * together there; parts of nothing but these come last, since the daily work is the rest.
 */
export function tidy(parts: readonly Part[]): Part[] {
  const isWork = (part: Part) => part.groups.some((group) => group.permissions.some((entry) => entry.kind !== "other"));
  return [...parts.filter(isWork), ...parts.filter((part) => !isWork(part))].map((part) => {
    const isGeneral = (group: Group) => group.label === part.label;
    const general = part.groups.filter(isGeneral);
    if (general.length < 2) return part;
    const merged: Group = {
      name: part.module,
      label: part.label,
      permissions: general.flatMap((group) => group.permissions),
    };
    return { ...part, groups: [merged, ...part.groups.filter((group) => !isGeneral(group))] };
  });
}

export interface Place {
  part: Part;
  group: Group;
  entry: Entry;
}

export type Places = ReadonlyMap<string, Place>;

export function placesOf(parts: readonly Part[]): Places {
  return new Map(
    parts.flatMap((part) =>
      part.groups.flatMap((group) => group.permissions.map((entry) => [entry.name, { part, group, entry }] as const)),
    ),
  );
}

/** What a role holds of what this installation knows. A permission of a part that is gone means nothing and cannot be sent. */
export function givenOf(permissions: readonly { name: string; scope: string }[], places: Places): Given {
  return new Map(
    permissions
      .filter(({ name, scope }) => places.has(name) && rank(scope) > 0)
      .map(({ name, scope }) => [name, scope as Scope]),
  );
}

export function listOf(given: Given): { name: string; scope: Scope }[] {
  return [...given].map(([name, scope]) => ({ name, scope })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What is above the caller: with any of it in a role he can neither change nor delete the role. */
export function above(given: Given, places: Places): string[] {
  return [...given].flatMap(([name, scope]) => {
    const place = places.get(name);
    return place && !mayGive(place.entry, scope) ? [name] : [];
  });
}

/** A role to start from, as far as the caller may give what it allows. */
export function copied(given: Given, places: Places): { given: Given; less: string[] } {
  const less = above(given, places);
  const next = new Map(given);
  for (const name of less) {
    const place = places.get(name);
    const most = place && widest(place.entry);
    if (most) next.set(name, most);
    else next.delete(name);
  }
  return { given: next, less };
}

export function withScope(given: Given, name: string, scope: Scope | undefined): Given {
  if (given.get(name) === scope) return given;
  const next = new Map(given);
  if (scope) next.set(name, scope);
  else next.delete(name);
  return next;
}

export type Preset = "nothing" | "see" | "everything";

/** Sets several at once, as far as the caller may; what he may not give stays as it is. */
export function withPreset(given: Given, entries: readonly Entry[], preset: Preset): Given {
  const next = new Map(given);
  for (const entry of entries) {
    const most = widest(entry);
    if (!most) continue;
    const wanted = preset === "everything" || (preset === "see" && isSeeing(entry));
    if (wanted) next.set(entry.name, most);
    else next.delete(entry.name);
  }
  return next;
}

/** Private fields are not seen with the rest: each has a permission of its own. */
function isSeeing(entry: Entry): boolean {
  return entry.kind !== "field" && entry.name.endsWith(".read");
}

export interface Mismatch {
  entry: Entry;
  /** It reaches further than seeing does, or a private field not as far. */
  why: "beyond" | "short";
}

/**
 * What does not fit to how far seeing reaches: nobody changes a row that he does not see, and a private field is shown only
 * where its permission reaches as far as seeing, since all rows of a list have the same fields.
 */
export function mismatches(group: Group, given: Given): Mismatch[] {
  return group.permissions.flatMap((entry): Mismatch[] => {
    const scope = given.get(entry.name);
    const seeing = `${objectOf(entry.name)}.read`;
    if (!scope || entry.kind === "other" || !group.permissions.some((one) => one.name === seeing)) return [];
    const sees = given.get(seeing);
    if (entry.kind === "field" && sees) return isWider(sees, scope) ? [{ entry, why: "short" }] : [];
    return isWider(scope, sees) ? [{ entry, why: "beyond" }] : [];
  });
}

/** Seeing as far as what reaches beyond it, as far as the caller may give that. */
export function withSeeing(given: Given, group: Group): Given {
  const next = new Map(given);
  for (const { entry, why } of mismatches(group, given)) {
    const seeing = group.permissions.find(({ name }) => name === `${objectOf(entry.name)}.read`);
    const wanted = given.get(entry.name);
    const scope = seeing && scopesOf(seeing).findLast((one) => mayGive(seeing, one) && !isWider(one, wanted));
    // A thing without owners is seen as a whole.
    const fits = scope ?? (seeing && !seeing.is_scoped ? widest(seeing) : undefined);
    if (why === "beyond" && seeing && isWider(fits, next.get(seeing.name))) next.set(seeing.name, fits as Scope);
  }
  return next;
}

export type Turn = "added" | "removed" | "wider" | "narrower";

export interface Difference {
  name: string;
  before: Scope | undefined;
  after: Scope | undefined;
  turn: Turn;
}

export function turnOf(before: Scope | undefined, after: Scope | undefined): Turn | undefined {
  if (before === after) return undefined;
  if (!before) return "added";
  if (!after) return "removed";
  return isWider(after, before) ? "wider" : "narrower";
}

/** What changes, in the order of the names. */
export function differences(before: Given, after: Given): Difference[] {
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((name) => {
    const turn = turnOf(before.get(name), after.get(name));
    return turn ? [{ name, before: before.get(name), after: after.get(name), turn }] : [];
  });
}

/** The same changes made to a newer version of the role: where both changed something, what is typed here counts. */
export function rebased(before: Given, mine: Given, newer: Given): Given {
  const next = new Map(newer);
  for (const { name, after } of differences(before, mine)) {
    if (after) next.set(name, after);
    else next.delete(name);
  }
  return next;
}

export interface Grouped<T> {
  key: string;
  part: string;
  group: string;
  items: (T & { label: string })[];
}

/** Named things in the order and under the headings of the catalogue; what it does not know stands last, by its name. */
export function grouped<T extends { name: string }>(items: readonly T[], parts: readonly Part[]): Grouped<T>[] {
  const left = new Map(items.map((item) => [item.name, item]));
  const found = parts.flatMap((part) =>
    part.groups.flatMap((group): Grouped<T>[] => {
      const here = group.permissions.flatMap((entry) => {
        const item = left.get(entry.name);
        left.delete(entry.name);
        return item ? [{ ...item, label: entry.label }] : [];
      });
      return here.length > 0
        ? [{ key: `${part.module} ${group.name}`, part: part.label, group: group.label, items: here }]
        : [];
    }),
  );
  const unknown = [...left.values()].map((item) => ({ ...item, label: item.name }));
  return unknown.length > 0 ? [...found, { key: "", part: "", group: "", items: unknown }] : found;
}

export type Show = "all" | "given" | "changed" | "private";

/** The catalogue cut to what is looked for; every word must stand in the names of the thing, the module or the permission. */
export function matching(parts: readonly Part[], search: string, fits: (entry: Entry) => boolean): Part[] {
  const words = fold(search).split(/\s+/).filter(Boolean);
  return parts.flatMap((part) => {
    const groups = part.groups.flatMap((group) => {
      const permissions = group.permissions.filter((entry) => {
        if (!fits(entry)) return false;
        const text = fold(`${part.label} ${group.label} ${entry.label} ${entry.name}`);
        return words.every((word) => text.includes(word));
      });
      return permissions.length > 0 ? [{ ...group, permissions }] : [];
    });
    return groups.length > 0 ? [{ ...part, groups }] : [];
  });
}

/** How many of these are given. */
export function countGiven(groups: readonly Group[], given: Given): { given: number; of: number } {
  const names = groups.flatMap((group) => group.permissions.map((entry) => entry.name));
  return { given: names.filter((name) => given.has(name)).length, of: names.length };
}

/** Things that give access: the server lets no key change them. */
const FOR_PEOPLE = new Set(["api_keys", "members", "organization", "roles", "support_access"]);

export function isForKeys(name: string): boolean {
  return name.endsWith(".read") || !FOR_PEOPLE.has(objectOf(name));
}

/**
 * What a key can be given: names alone, since the rows follow from whom it acts for, and nothing that only people do. `holds`
 * says what the one it acts for may do, where that is known.
 */
export function forKeys(parts: readonly Part[], holds: (name: string) => boolean): Part[] {
  return parts.flatMap((part) => {
    const groups = part.groups.flatMap((group) => {
      const permissions = group.permissions
        .filter((entry) => isForKeys(entry.name))
        .map((entry) => ({
          ...entry,
          is_scoped: false,
          grantable: entry.grantable && holds(entry.name) ? ("all" as const) : null,
        }));
      return permissions.length > 0 ? [{ ...group, permissions }] : [];
    });
    return groups.length > 0 ? [{ ...part, groups }] : [];
  });
}
