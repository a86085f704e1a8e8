import { useLocation } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/button";
import { useNavigation } from "./navigation";

const SearchDialog = lazy(() =>
  import("@/features/search/search-dialog").then((module) => ({ default: module.SearchDialog })),
);

const APPLE = /mac|iphone|ipad/i.test(navigator.userAgent);

/** Opens the search over everything, by a press or by Ctrl+K; what it needs is fetched when it is first opened. */
export function SearchButton() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const navigation = useNavigation();
  const { pathname } = useLocation();

  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever goes back or on has left the search
  useEffect(() => setOpen(false), [pathname]);

  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      // The physical key: on an Arabic keyboard the same key types another letter.
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.code === "KeyK") {
        event.preventDefault();
        setOpen((before) => !before);
      }
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);

  return (
    <>
      <Button
        variant="ghost"
        aria-label={t("search.open")}
        aria-keyshortcuts="Control+K Meta+K"
        onClick={() => setOpen(true)}
        className="px-2.5 md:w-56 md:justify-start md:border md:border-line md:bg-surface md:font-normal"
      >
        <Search aria-hidden />
        <span className="max-md:hidden">{t("search.open")}</span>
        <kbd dir="ltr" className="ms-auto rounded border border-line px-1.5 font-sans text-faint text-xs max-md:hidden">
          {APPLE ? "⌘K" : "Ctrl K"}
        </kbd>
      </Button>
      {open ? (
        <Suspense>
          <SearchDialog
            onClose={() => setOpen(false)}
            pages={[
              ...navigation.top.map((item) => ({ ...item, under: undefined })),
              ...navigation.modules.flatMap((module) => [
                { ...module.home, label: module.label, icon: module.icon, under: undefined },
                ...module.groups.flatMap((group) => group.items.map((item) => ({ ...item, under: module.label }))),
              ]),
              ...navigation.bottom.map((item) => ({ ...item, under: undefined })),
            ]}
          />
        </Suspense>
      ) : null}
    </>
  );
}
