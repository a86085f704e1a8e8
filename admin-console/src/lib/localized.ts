import type { Language } from "./preferences";

/** A text that a plugin's manifest brings in both languages. */
export type Localized = Partial<Record<Language, string>> | string | null | undefined;

export function inLanguage(text: Localized, language: Language): string {
  if (!text) return "";
  if (typeof text === "string") return text;
  return text[language] ?? text.en ?? text.ar ?? "";
}
