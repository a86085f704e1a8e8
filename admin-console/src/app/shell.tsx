import { Outlet, useLocation } from "@tanstack/react-router";
import { Menu as MenuIcon } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/lib/account";
import { Button } from "@/ui/button";
import { PageSkeleton } from "@/ui/skeleton";
import { OrganizationMenu } from "./organization-menu";
import { ProfileMenu } from "./profile-menu";
import { Rail } from "./rail";
import { SearchButton } from "./search-button";
import { StepUp } from "./step-up";
import { ViewMenu } from "./view-menu";

const fetchDrawer = () => import("./drawer").then((module) => ({ default: module.Drawer }));
const Drawer = lazy(fetchDrawer);
const EmailBanner = lazy(() => import("./email-banner").then((module) => ({ default: module.EmailBanner })));

const VisitBanner = lazy(() => import("./visit-banner").then((module) => ({ default: module.VisitBanner })));

/** The frame of every signed-in page: the menu at the start, who and where one is at the top. */
export function Shell() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const [open, setOpen] = useState(false);
  const { email_verified, membership, support } = useMe();

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page closes the drawer it was chosen from
  useEffect(() => setOpen(false), [pathname]);

  return (
    <div className="lg:grid lg:grid-cols-[var(--rail)_1fr]">
      <a
        href="#content"
        className="sr-only z-50 rounded-lg bg-accent px-4 py-2 text-accent-ink focus:not-sr-only focus:fixed focus:start-4 focus:top-3"
      >
        {t("nav.skip")}
      </a>
      <aside className="scroll-thin sticky top-0 hidden h-dvh overflow-y-auto border-line border-e bg-sunken lg:block">
        <Rail />
      </aside>
      <div className="min-w-0">
        <div className="sticky top-0 z-30">
          {support || membership === "visitor" ? (
            <Suspense>
              <VisitBanner />
            </Suspense>
          ) : null}
          <header className="flex h-14 items-center gap-1 border-line border-b bg-surface/90 px-3 backdrop-blur sm:gap-2 sm:px-6">
            <Button
              variant="ghost"
              size="icon"
              aria-label={t("nav.open")}
              aria-haspopup="dialog"
              onPointerEnter={fetchDrawer}
              onClick={() => setOpen(true)}
              className="lg:hidden"
            >
              <MenuIcon aria-hidden />
            </Button>
            <OrganizationMenu />
            <div className="ms-auto flex items-center gap-1">
              <SearchButton />
              <ViewMenu />
              <ProfileMenu />
            </div>
          </header>
        </div>
        {open ? (
          <Suspense>
            <Drawer onClose={() => setOpen(false)} />
          </Suspense>
        ) : null}
        <main id="content" tabIndex={-1} className="mx-auto max-w-[100rem] px-4 py-6 outline-none sm:px-6">
          {email_verified ? null : (
            <Suspense>
              <EmailBanner />
            </Suspense>
          )}
          <Suspense fallback={<PageSkeleton />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
      <StepUp />
    </div>
  );
}
