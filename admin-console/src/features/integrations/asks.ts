import type { Ask, AskKind, Grants } from "./shapes";

/** What can be granted or not; the rest of what a plugin asks for comes with it and is only told. */
const GRANTED_AS: Partial<Record<AskKind, keyof Grants>> = {
  effect: "effects",
  read: "reads",
  event: "events",
  host: "hosts",
};

export const SECTIONS = ["does", "data", "hosts", "secrets", "itself", "limits"] as const;
export type SectionName = (typeof SECTIONS)[number];

const SECTION_OF: Record<AskKind, SectionName> = {
  effect: "does",
  emit: "does",
  handler: "data",
  read: "data",
  event: "data",
  host: "hosts",
  secret: "secrets",
  schedule: "itself",
  webhook: "itself",
  state: "limits",
  limit: "limits",
};

/** Names one ask among the asks of a plugin, in whichever version. */
export function askKey(ask: Ask): string {
  return `${ask.kind} ${ask.subject}`;
}

/** Whether somebody decides about it: what the plugin cannot do without is not a choice. */
export function isChoice(ask: Ask): boolean {
  return !ask.required && GRANTED_AS[ask.kind] !== undefined;
}

/** What is ticked before anybody has touched it: what it needs, and of the rest what was granted before. */
export function startingChoice(asks: Ask[], granted?: Grants): Set<string> {
  const held = asks.filter((ask) => {
    const list = GRANTED_AS[ask.kind];
    return list !== undefined && (ask.required || (granted?.[list] ?? []).includes(ask.subject));
  });
  return new Set(held.map(askKey));
}

/** The chosen asks as the server takes them. What this version does not ask for is not granted. */
export function grantsOf(asks: Ask[], chosen: ReadonlySet<string>): Grants {
  const grants: Grants = { hosts: [], effects: [], reads: [], events: [] };
  for (const ask of asks) {
    const list = GRANTED_AS[ask.kind];
    if (list && chosen.has(askKey(ask)) && !grants[list].includes(ask.subject)) grants[list].push(ask.subject);
  }
  return grants;
}

export function sameGrants(one: Grants, other: Grants): boolean {
  return (Object.keys(one) as (keyof Grants)[]).every((list) => {
    const [mine, theirs] = [new Set(one[list]), new Set(other[list] ?? [])];
    return mine.size === theirs.size && [...mine].every((name) => theirs.has(name));
  });
}

export interface Section {
  name: SectionName;
  asks: Ask[];
}

/** The asks under headings, in the order in which one decides: what it does, what it sees, whom it tells. */
export function inSections(asks: Ask[]): Section[] {
  return SECTIONS.map((name) => ({ name, asks: asks.filter((ask) => SECTION_OF[ask.kind] === name) }));
}
