import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type en from "@/locales/en.json";
import { currentPreferences, type Language, setPreference } from "./preferences";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}

const catalogues: Record<Language, () => Promise<{ default: object }>> = {
  en: () => import("@/locales/en.json"),
  ar: () => import("@/locales/ar.json"),
};

async function load(language: Language) {
  if (i18next.hasResourceBundle(language, "translation")) return;
  i18next.addResourceBundle(language, "translation", (await catalogues[language]()).default);
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
