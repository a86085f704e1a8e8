import { useMutation } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { Check } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/lib/account";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/format";
import { changeLanguage } from "@/lib/i18n";
import { catalogueQuery, useLabels } from "@/lib/labels";
import {
  followOrganizationCalendar,
  hasOwnCalendar,
  LANGUAGES,
  type Language,
  setPreference,
  usePreferences,
} from "@/lib/preferences";
import { queryClient } from "@/lib/query";
import { Badge } from "@/ui/badge";
import { Card, CardHead } from "@/ui/card";
import { PageHead } from "@/ui/page";
import { Fact, Facts } from "./facts";

/** What one sees of oneself and one's company, and how the pages are to look. */
export function Settings() {
  const { t } = useTranslation();
  return (
    <>
      <PageHead title={t("settings.section.appearance")} hint={t("settings.hint")} />
      <div className="grid max-w-5xl items-start gap-4 lg:grid-cols-2">
        <Appearance />
        <div className="grid gap-4">
          <Myself />
          <Company />
        </div>
      </div>
    </>
  );
}

function Appearance() {
  const { t } = useTranslation();
  const { language, theme, calendar } = usePreferences();
  const router = useRouter();
  const format = useFormat();
  const change = useMutation({
    mutationFn: async (next: Language) => {
      await queryClient.ensureQueryData(catalogueQuery(next)).catch(() => undefined);
      await changeLanguage(next);
      await queryClient.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "locales" });
      await router.invalidate();
    },
  });
  return (
    <Card className="pb-5">
      <CardHead title={t("settings.appearance")} hint={t("settings.appearance_hint")} />
      <div className="space-y-5 px-5">
        <Choices
          label={t("view.language")}
          value={language}
          onChange={(next) => change.mutate(next)}
          choices={LANGUAGES.map((one) => ({ value: one, label: t(`view.language_${one}`), lang: one }))}
        />
        <Choices
          label={t("view.theme")}
          value={theme}
          onChange={(next) => setPreference("theme", next)}
          choices={(["system", "light", "dark"] as const).map((one) => ({ value: one, label: t(`view.theme_${one}`) }))}
        />
        <Choices
          label={t("view.calendar")}
          value={hasOwnCalendar() ? calendar : "organization"}
          onChange={(next) =>
            next === "organization" ? followOrganizationCalendar() : setPreference("calendar", next)
          }
          choices={[
            { value: "organization", label: t("settings.calendar_follow") },
            { value: "gregory", label: t("view.calendar_gregorian") },
            { value: "islamic-umalqura", label: t("view.calendar_umalqura") },
          ]}
        />
        <p className="text-faint text-xs">{t("settings.example", { now: format.instant(new Date().toISOString()) })}</p>
      </div>
    </Card>
  );
}

interface ChoicesProps<T extends string> {
  label: string;
  value: T;
  onChange: (value: T) => void;
  choices: { value: T; label: string; lang?: string }[];
}

function Choices<T extends string>({ label, value, onChange, choices }: ChoicesProps<T>) {
  return (
    <fieldset>
      <legend className="mb-1.5 font-medium text-sm">{label}</legend>
      <div className="flex flex-wrap gap-2">
        {choices.map((choice) => (
          <button
            key={choice.value}
            type="button"
            lang={choice.lang}
            aria-pressed={choice.value === value}
            onClick={() => onChange(choice.value)}
            className={cn(
              "flex h-9 items-center gap-2 rounded-lg border px-3.5 text-sm",
              choice.value === value
                ? "border-accent bg-accent-soft font-medium text-accent-text"
                : "border-line-strong text-muted hover:bg-hover",
            )}
          >
            {choice.value === value ? <Check className="size-4" aria-hidden /> : null}
            {choice.label}
          </button>
        ))}
      </div>
    </fieldset>
  );
}

function Myself() {
  const { t } = useTranslation();
  const labels = useLabels();
  const { user, membership, roles } = useMe();
  return (
    <Card className="pb-5">
      <CardHead title={t("settings.myself")} />
      <Facts>
        <Fact label={t("auth.full_name")}>
          <bdi>{user.full_name}</bdi>
        </Fact>
        <Fact label={t("auth.email")}>
          <bdi dir="ltr">{user.email}</bdi>
        </Fact>
        <Fact label={t("settings.roles")}>
          <span className="flex flex-wrap gap-1">
            {[...new Set([membership, ...roles])].map((role) => (
              <Badge key={role}>{labels.role(role)}</Badge>
            ))}
          </span>
        </Fact>
      </Facts>
    </Card>
  );
}

function Company() {
  const { t } = useTranslation();
  const format = useFormat();
  const { organization } = useMe();
  return (
    <Card className="pb-5">
      <CardHead title={t("auth.organization")} hint={t("settings.company_hint")} />
      <Facts>
        <Fact label={t("settings.company_name")}>
          <bdi>{organization.name}</bdi>
        </Fact>
        <Fact label={t("settings.currency")}>
          {organization.currency ? format.currency(organization.currency) : null}
        </Fact>
        <Fact label={t("settings.time_zone")}>
          <bdi dir="ltr">{organization.time_zone}</bdi>
        </Fact>
      </Facts>
    </Card>
  );
}
