import { createStore, useStore } from "./store";

export type Language = "en" | "ar";
export type Theme = "system" | "light" | "dark";
export type CalendarName = "gregory" | "islamic-umalqura";

export interface Preferences {
  language: Language;
  theme: Theme;
  calendar: CalendarName;
}

export const LANGUAGES: readonly Language[] = ["en", "ar"];

function stored(key: string): string | null {
  try {
    return localStorage.getItem(`barq.${key}`);
  } catch {
    return null; // storage may be switched off; the choice then lasts for the visit
  }
}

function keep(key: string, value: string) {
  try {
    localStorage.setItem(`barq.${key}`, value);
  } catch {
    // as above
  }
}

const preferences = createStore<Preferences>({
  language: document.documentElement.lang === "ar" ? "ar" : "en",
  theme: (stored("theme") as Theme | null) ?? "system",
  calendar: stored("calendar") === "islamic-umalqura" ? "islamic-umalqura" : "gregory",
});

const darkSystem = window.matchMedia?.("(prefers-color-scheme: dark)");

function apply({ language, theme }: Preferences) {
  const root = document.documentElement;
  root.lang = language;
  root.dir = directionOf(language);
  root.dataset.theme = theme === "dark" || (theme === "system" && darkSystem?.matches) ? "dark" : "light";
}

darkSystem?.addEventListener("change", () => apply(preferences.get()));

export function directionOf(language: Language): "ltr" | "rtl" {
  return language === "ar" ? "rtl" : "ltr";
}

export function currentPreferences(): Preferences {
  return preferences.get();
}

export function usePreferences(): Preferences {
  return useStore(preferences);
}

export function setPreference<K extends keyof Preferences>(key: K, value: Preferences[K]) {
  keep(key, value);
  const next = { ...preferences.get(), [key]: value };
  apply(next);
  preferences.set(next);
}

let organizationCalendar: CalendarName = "gregory";

/** The organization's own calendar ("umalqura", "gregorian"): it counts for whoever did not choose one. */
export function setOrganizationCalendar(calendar: string) {
  organizationCalendar = calendar.includes("umalqura") ? "islamic-umalqura" : "gregory";
  if (stored("calendar") === null && preferences.get().calendar !== organizationCalendar) {
    preferences.set({ ...preferences.get(), calendar: organizationCalendar });
  }
}

/** Whether this reader chose a calendar of their own. */
export function hasOwnCalendar(): boolean {
  return stored("calendar") !== null;
}

/** Back to the organization's calendar, also when that changes. */
export function followOrganizationCalendar() {
  try {
    localStorage.removeItem("barq.calendar");
  } catch {
    // without storage there is nothing to forget
  }
  preferences.set({ ...preferences.get(), calendar: organizationCalendar });
}
