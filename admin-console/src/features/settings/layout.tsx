import { Link, Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { Select } from "@/ui/field";
import { PageSkeleton } from "@/ui/skeleton";
import { useSections } from "./sections";

/** The frame of all pages of the settings: which there are, beside the one that is open. */
export function SettingsLayout() {
  return (
    <div className="xl:grid xl:grid-cols-[13rem_minmax(0,1fr)] xl:gap-8">
      <SectionList />
      <SectionChoice />
      <div className="min-w-0">
        <Suspense fallback={<PageSkeleton />}>
          <Outlet />
        </Suspense>
      </div>
    </div>
  );
}

/** The section that an address belongs to: a page below it keeps it marked. */
function useHere(): string {
  const { pathname } = useLocation();
  const path = pathname.replace(/\/$/, "");
  const found = useSections()
    .flatMap((part) => part.sections)
    .filter(({ to }) => path === to || (to !== "/settings" && path.startsWith(`${to}/`)));
  return found[0]?.to ?? "/settings";
}

function SectionList() {
  const { t } = useTranslation();
  const parts = useSections();
  const here = useHere();
  return (
    <nav aria-label={t("nav.settings")} className="sticky top-20 hidden h-fit xl:block">
      {parts.map((part) => (
        <div key={part.name} className="mb-5">
          <h2 className="mb-1 px-2.5 font-medium text-2xs text-faint uppercase tracking-wider rtl:text-xs rtl:tracking-normal">
            {t(`settings.part.${part.name}`)}
          </h2>
          <ul className="space-y-0.5">
            {part.sections.map((section) => {
              const current = section.to === here;
              const Icon = section.icon;
              return (
                <li key={section.to}>
                  <Link
                    to={section.to}
                    aria-current={current ? "page" : undefined}
                    className={cn(
                      "flex items-center gap-2.5 rounded-lg px-2.5 py-2 text-sm transition-colors",
                      current
                        ? "bg-accent-soft font-medium text-accent-text"
                        : "text-muted hover:bg-hover hover:text-ink",
                    )}
                  >
                    <Icon className={cn("size-4 shrink-0", current ? "" : "text-faint")} aria-hidden />
                    <span className="truncate">{t(`settings.section.${section.name}`)}</span>
                  </Link>
                </li>
              );
            })}
          </ul>
        </div>
      ))}
    </nav>
  );
}

/** The same where there is no room beside the page. */
function SectionChoice() {
  const { t } = useTranslation();
  const parts = useSections();
  const here = useHere();
  const navigate = useNavigate();
  return (
    <div className="mb-5 xl:hidden">
      <Select aria-label={t("nav.settings")} value={here} onChange={(event) => navigate({ to: event.target.value })}>
        {parts.map((part) => (
          <optgroup key={part.name} label={t(`settings.part.${part.name}`)}>
            {part.sections.map((section) => (
              <option key={section.to} value={section.to}>
                {t(`settings.section.${section.name}`)}
              </option>
            ))}
          </optgroup>
        ))}
      </Select>
    </div>
  );
}
