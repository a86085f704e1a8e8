import { sessionState } from "./session";

/** What this member keeps in this browser: another company or another person on the same machine has their own. */
function keyOf(name: string): string {
  const state = sessionState();
  const owner = state.status === "signed-in" ? `${state.session.organization.id}.${state.session.user.id}` : "nobody";
  return `barq.${name}.${owner}`;
}

/** What was kept under a name, if it still has the shape that is expected of it. */
export function kept<T>(name: string, fits: (value: unknown) => value is T): T | undefined {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(keyOf(name)) ?? "null");
    return fits(value) ? value : undefined;
  } catch {
    return undefined; // storage may be switched off, or hold what an older version wrote
  }
}

export function keep(name: string, value: unknown) {
  try {
    if (value === undefined) localStorage.removeItem(keyOf(name));
    else localStorage.setItem(keyOf(name), JSON.stringify(value));
  } catch {
    // without storage it lasts for the visit
  }
}

export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}
