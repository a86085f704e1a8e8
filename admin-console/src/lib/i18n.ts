import i18next, { type TFunction } from "i18next";
import { initReactI18next } from "react-i18next";
import type en from "@/locales/en.json";
import type later from "@/locales/later/en.json";
import { currentPreferences, type Language, setPreference } from "./preferences";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en & typeof later };
  }
}

const catalogues: Record<Language, () => Promise<{ default: object }>> = {
  en: () => import("@/locales/en.json"),
  ar: () => import("@/locales/ar.json"),
};

/** The words of pages that nobody sees first: they come with these pages. */
const laterCatalogues: typeof catalogues = {
  en: () => import("@/locales/later/en.json"),
  ar: () => import("@/locales/later/ar.json"),
};

let wantsLater = false;
const hasLater = new Set<Language>();

async function load(language: Language) {
  if (!i18next.hasResourceBundle(language, "translation")) {
    i18next.addResourceBundle(language, "translation", (await catalogues[language]()).default);
  }
  if (!wantsLater || hasLater.has(language)) return;
  i18next.addResourceBundle(language, "translation", (await laterCatalogues[language]()).default, true);
  hasLater.add(language);
}

/** Resolves when the words of `locales/later` are there: for the routes of the pages that need them. */
export async function laterWords() {
  wantsLater = true;
  await load(currentPreferences().language);
}

export async function startTranslations() {
  const { language } = currentPreferences();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: {},
    interpolation: { escapeValue: false }, // React escapes
    react: { useSuspense: false },
  });
  await load(language);
  await i18next.changeLanguage(language);
}

export async function changeLanguage(language: Language) {
  await load(language);
  setPreference("language", language);
  await i18next.changeLanguage(language);
}

/** The words of a language, whichever the reader chose: for what is shown in both. */
export async function wordsIn(language: Language): Promise<TFunction> {
  wantsLater = true;
  await load(language);
  return i18next.getFixedT(language);
}
