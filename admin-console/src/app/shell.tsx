import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { BookOpen, Menu as MenuIcon, X } from "lucide-react";
import { Dialog } from "radix-ui";
import { Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { Button } from "@/ui/button";
import { Bolt } from "@/ui/icons";
import { PageSkeleton } from "@/ui/skeleton";
import { type NavItem, useNavigation } from "./navigation";
import { OrganizationMenu } from "./organization-menu";
import { ProfileMenu } from "./profile-menu";
import { ViewMenu } from "./view-menu";

/** The frame of every signed-in page: the menu at the start, who and where one is at the top. */
export function Shell() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const [open, setOpen] = useState(false);

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
        <header className="sticky top-0 z-30 flex h-14 items-center gap-1 border-line border-b bg-surface/90 px-3 backdrop-blur sm:gap-2 sm:px-6">
          <Dialog.Root open={open} onOpenChange={setOpen}>
            <Dialog.Trigger asChild>
              <Button variant="ghost" size="icon" aria-label={t("nav.open")} className="lg:hidden">
                <MenuIcon aria-hidden />
              </Button>
            </Dialog.Trigger>
            <Dialog.Portal>
              <Dialog.Overlay className="fixed inset-0 z-40 animate-in bg-shade" />
              <Dialog.Content
                aria-describedby={undefined}
                className="scroll-thin fixed inset-y-0 start-0 z-50 w-72 max-w-[85vw] overflow-y-auto bg-sunken shadow-float focus:outline-none"
              >
                <Dialog.Title className="sr-only">{t("nav.menu")}</Dialog.Title>
                <Dialog.Close asChild>
                  <Button
                    variant="ghost"
                    size="icon"
                    aria-label={t("common.close")}
                    className="absolute end-2 top-2.5 z-10"
                  >
                    <X aria-hidden />
                  </Button>
                </Dialog.Close>
                <Rail />
              </Dialog.Content>
            </Dialog.Portal>
          </Dialog.Root>
          <OrganizationMenu />
          <div className="ms-auto flex items-center gap-1">
            <ViewMenu />
            <ProfileMenu />
          </div>
        </header>
        <main id="content" tabIndex={-1} className="mx-auto max-w-[100rem] px-4 py-6 outline-none sm:px-6">
          <Suspense fallback={<PageSkeleton />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
    </div>
  );
}

function Rail() {
  const { t } = useTranslation();
  const groups = useNavigation();
  const { pathname } = useLocation();
  const all = groups.flatMap((group) => group.items);
  // Of two entries that lead here the longer one is meant: "/fleet/fuel-costs" is not "/".
  const here = all
    .filter((item) => item.to === pathname || (item.to !== "/" && pathname.startsWith(`${item.to}/`)))
    .sort((a, b) => b.to.length - a.to.length)[0];
  return (
    <div className="flex min-h-full flex-col">
      <Link to="/" className="flex h-14 shrink-0 items-center gap-2.5 px-5">
        <Bolt className="size-7" />
        <span className="font-bold text-ink text-lg tracking-tight">{t("app.name")}</span>
      </Link>
      <nav aria-label={t("nav.menu")} className="flex-1 px-3 pb-6">
        {groups.map((group) => (
          <div key={group.name} className="mt-4 first:mt-2">
            {group.label ? (
              <h2 className="px-2.5 pb-1.5 font-medium text-2xs text-faint uppercase tracking-wider rtl:text-xs rtl:tracking-normal">
                {group.label}
              </h2>
            ) : null}
            <ul className="space-y-0.5">
              {group.items.map((item) => (
                <li key={item.to}>
                  <Entry item={item} current={item === here} />
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <div className="border-line border-t px-3 py-3">
        <a
          href="/docs"
          target="_blank"
          rel="noreferrer"
          className="flex items-center gap-3 rounded-lg px-2.5 py-2 text-muted text-sm hover:bg-hover hover:text-ink"
        >
          <BookOpen className="size-4.5 text-faint" aria-hidden />
          {t("nav.api")}
        </a>
      </div>
    </div>
  );
}

function Entry({ item, current }: { item: NavItem; current: boolean }) {
  const { icon: Icon } = item;
  return (
    <Link
      to={item.to}
      aria-current={current ? "page" : undefined}
      className={cn(
        "flex items-center gap-3 rounded-lg px-2.5 py-2 text-sm transition-colors",
        current ? "bg-surface font-medium text-ink shadow-card" : "text-muted hover:bg-hover hover:text-ink",
      )}
    >
      <Icon className={cn("size-4.5 shrink-0", current ? "text-accent-text" : "text-faint")} aria-hidden />
      <span className="truncate">{item.label}</span>
    </Link>
  );
}
