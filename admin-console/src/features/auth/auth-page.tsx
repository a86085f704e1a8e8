import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { changeLanguage } from "@/lib/i18n";
import { LANGUAGES, type Language, usePreferences } from "@/lib/preferences";
import { Bolt } from "@/ui/icons";

interface AuthPageProps {
  title: string;
  hint: ReactNode;
  children: ReactNode;
}

/** The frame around signing in and up: what this is, in both languages, before anybody is known. */
export function AuthPage({ title, hint, children }: AuthPageProps) {
  const { t } = useTranslation();
  return (
    <div className="grid min-h-dvh lg:grid-cols-[1fr_1.05fr]">
      <main className="flex flex-col px-5 py-6 sm:px-10">
        <div className="flex items-center justify-between">
          <span className="flex items-center gap-2.5">
            <Bolt className="size-8" />
            <span className="font-bold text-xl tracking-tight">{t("app.name")}</span>
          </span>
          <LanguageLinks />
        </div>
        <div className="m-auto w-full max-w-sm py-10">
          <h1 className="font-semibold text-2xl tracking-tight rtl:tracking-normal">{title}</h1>
          <p className="mt-1.5 mb-7 text-muted text-sm">{hint}</p>
          {children}
        </div>
      </main>
      <aside className="relative hidden overflow-hidden bg-[#0c4f56] text-white lg:flex lg:flex-col lg:justify-end">
        <Roads />
        <div className="relative max-w-xl p-14">
          <p className="font-semibold text-3xl leading-tight tracking-tight rtl:leading-snug rtl:tracking-normal">
            {t("auth.promise")}
          </p>
          <ul className="mt-6 space-y-2.5 text-white/85">
            {(["import", "connect", "answer"] as const).map((point) => (
              <li key={point} className="flex gap-3">
                <span aria-hidden="true" className="mt-2.5 h-0.5 w-5 shrink-0 rounded bg-spark" />
                {t(`auth.promise_${point}`)}
              </li>
            ))}
          </ul>
        </div>
      </aside>
    </div>
  );
}

function LanguageLinks() {
  const { t } = useTranslation();
  const { language } = usePreferences();
  return (
    <nav aria-label={t("view.language")} className="flex gap-1 text-sm">
      {LANGUAGES.map((one: Language) => (
        <button
          type="button"
          key={one}
          lang={one}
          aria-pressed={one === language}
          onClick={() => changeLanguage(one)}
          className="rounded-md px-2 py-1 text-muted hover:bg-hover aria-pressed:font-medium aria-pressed:text-ink"
        >
          {t(`view.language_${one}`)}
        </button>
      ))}
    </nav>
  );
}

/** A town's streets with a few rides on them: drawn, so that nothing has to be loaded. */
function Roads() {
  return (
    <svg
      viewBox="0 0 600 640"
      preserveAspectRatio="xMidYMid slice"
      aria-hidden="true"
      className="absolute inset-0 size-full opacity-90"
    >
      <g fill="none" stroke="#ffffff" strokeOpacity="0.09" strokeWidth="10">
        <path d="M-20 90H620M-20 230H620M-20 370H620M-20 520H620" />
        <path d="M80-20V660M220-20V660M370-20V660M510-20V660" />
        <path d="M-20 520 370 90M220 660 620 300" />
      </g>
      <g fill="none" stroke="#ffc23d" strokeWidth="3" strokeLinecap="round" strokeLinejoin="round">
        <path d="M80 90H220V230H370" strokeOpacity="0.95" />
        <path d="M510 60V230" strokeOpacity="0.55" />
        <path d="M80 370V284" strokeOpacity="0.45" />
      </g>
      <g fill="#ffc23d">
        <circle cx="370" cy="230" r="7" />
        <circle cx="510" cy="230" r="5" fillOpacity="0.7" />
        <circle cx="80" cy="284" r="5" fillOpacity="0.6" />
      </g>
    </svg>
  );
}
