import { keep, kept } from "@/lib/kept";

/** Where one went from the search lately: offered again before anything is typed. */
export interface Recent {
  to: string;
  label: string;
  note?: string | undefined;
}

const NAME = "search.recent";
const KEPT = 6;

function fits(value: unknown): value is Recent[] {
  return Array.isArray(value) && value.every((one) => typeof one?.to === "string" && typeof one?.label === "string");
}

export function recent(): Recent[] {
  return kept(NAME, fits) ?? [];
}

export function remember(one: Recent) {
  keep(NAME, [one, ...recent().filter((other) => other.to !== one.to)].slice(0, KEPT));
}
