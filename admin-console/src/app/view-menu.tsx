import { useMutation } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { Languages, SunMoon } from "lucide-react";
import { useTranslation } from "react-i18next";
import { changeLanguage } from "@/lib/i18n";
import { catalogueQuery } from "@/lib/labels";
import { LANGUAGES, type Language, setPreference, usePreferences } from "@/lib/preferences";
import { queryClient } from "@/lib/query";
import { Button } from "@/ui/button";
import { Menu, MenuChoices, MenuLabel, MenuLine } from "./later-menu";

/** Language by itself, because it is what a reader who cannot read the page looks for; the rest beside it. */
export function ViewMenu() {
  return (
    <>
      <LanguageMenu />
      <AppearanceMenu />
    </>
  );
}

export function LanguageMenu() {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const router = useRouter();
  const change = useMutation({
    mutationFn: async (next: Language) => {
      // The words must be there before the page turns around; without them it would be drawn twice.
      await queryClient.ensureQueryData(catalogueQuery(next)).catch(() => undefined);
      await changeLanguage(next);
      await queryClient.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "locales" });
      await router.invalidate();
    },
  });
  return (
    <Menu
      trigger={
        <Button variant="ghost" aria-label={t("view.language")} className="px-2.5">
          <Languages aria-hidden />
          <span lang={language} className="max-sm:hidden">
            {t(`view.language_${language}`)}
          </span>
        </Button>
      }
    >
      <MenuChoices
        value={language}
        onChange={(next) => change.mutate(next)}
        choices={LANGUAGES.map((one) => ({ value: one, label: t(`view.language_${one}`), lang: one }))}
      />
    </Menu>
  );
}

function AppearanceMenu() {
  const { t } = useTranslation();
  const { theme, calendar } = usePreferences();
  return (
    <Menu
      trigger={
        <Button variant="ghost" size="icon" aria-label={t("view.appearance")}>
          <SunMoon aria-hidden />
        </Button>
      }
    >
      <MenuLabel>{t("view.theme")}</MenuLabel>
      <MenuChoices
        value={theme}
        onChange={(next) => setPreference("theme", next)}
        choices={[
          { value: "system", label: t("view.theme_system") },
          { value: "light", label: t("view.theme_light") },
          { value: "dark", label: t("view.theme_dark") },
        ]}
      />
      <MenuLine />
      <MenuLabel>{t("view.calendar")}</MenuLabel>
      <MenuChoices
        value={calendar}
        onChange={(next) => setPreference("calendar", next)}
        choices={[
          { value: "gregory", label: t("view.calendar_gregorian") },
          { value: "islamic-umalqura", label: t("view.calendar_umalqura") },
        ]}
      />
    </Menu>
  );
}
