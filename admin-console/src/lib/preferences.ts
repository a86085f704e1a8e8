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

/** Takes the organization's own calendar for a visitor who never chose one. */
export function suggestCalendar(calendar: string | undefined) {
  if (stored("calendar") === null && calendar?.includes("umalqura")) {
    preferences.set({ ...preferences.get(), calendar: "islamic-umalqura" });
  }
}
