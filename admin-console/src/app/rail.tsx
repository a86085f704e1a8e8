import { Link, useLocation } from "@tanstack/react-router";
import { BookOpen, ChevronDown } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { isTexts, keep, kept } from "@/lib/kept";
import { directionOf, usePreferences } from "@/lib/preferences";
import { Bolt } from "@/ui/icons";
import { entryOf, type NavGroup, type NavItem, type NavModule, useNavigation } from "./navigation";

const OPEN = "menu.open";

/**
 * Which parts of the menu are open, kept for this member. The part one works in opens by itself; what was opened by
 * hand stays open.
 */
function useOpen(current: string | undefined) {
  const [open, setOpen] = useState(() => new Set(kept(OPEN, isTexts) ?? []));
  useEffect(() => {
    if (current) setOpen((before) => (before.has(current) ? before : new Set([...before, current])));
  }, [current]);
  function toggle(name: string) {
    const next = new Set(open);
    if (!next.delete(name)) next.add(name);
    setOpen(next);
    keep(OPEN, [...next]);
  }
  return { isOpen: (name: string) => open.has(name), toggle };
}

/** Arrow keys walk through what is visible; along the reading direction a part opens, against it it closes. */
function walk(event: KeyboardEvent<HTMLElement>, rtl: boolean) {
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>("a[href], button")];
  const at = stops.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  const here = stops[at] as HTMLElement;
  const expanded = here.getAttribute("aria-expanded");
  const forwards = rtl ? "ArrowLeft" : "ArrowRight";
  const backwards = rtl ? "ArrowRight" : "ArrowLeft";
  if (event.key === "ArrowDown") stops[Math.min(at + 1, stops.length - 1)]?.focus();
  else if (event.key === "ArrowUp") stops[Math.max(at - 1, 0)]?.focus();
  else if (event.key === "Home") stops[0]?.focus();
  else if (event.key === "End") stops.at(-1)?.focus();
  else if (event.key === forwards && expanded === "false") here.click();
  else if (event.key === backwards && expanded === "true") here.click();
  else if (event.key === backwards) here.closest("[data-part]")?.querySelector<HTMLElement>("[aria-expanded]")?.focus();
  else return;
  event.preventDefault();
}

/** The menu at the start of the page: modules that open, their sub-headings, and the pages under them. */
export function Rail() {
  const { t } = useTranslation();
  const navigation = useNavigation();
  const { pathname } = useLocation();
  const { language } = usePreferences();
  const here = entryOf(navigation, pathname);
  const { isOpen, toggle } = useOpen(here.module);
  return (
    <div className="flex min-h-full flex-col">
      <Link to="/" className="flex h-14 shrink-0 items-center gap-2.5 px-5">
        <Bolt className="size-7" />
        <span className="font-bold text-ink text-lg tracking-tight">{t("app.name")}</span>
      </Link>
      <nav
        aria-label={t("nav.menu")}
        className="flex-1 px-3 pt-1 pb-6"
        onKeyDown={(event) => walk(event, directionOf(language) === "rtl")}
      >
        <ul className="space-y-0.5">
          {navigation.top.map((item) => (
            <li key={item.to}>
              <Entry item={item} current={item.to === here.to} />
            </li>
          ))}
          {navigation.modules.map((module) => (
            <ModulePart
              key={module.name}
              module={module}
              here={here.to}
              inside={here.module === module.name}
              isOpen={isOpen}
              toggle={toggle}
            />
          ))}
        </ul>
        <ul className="mt-3 space-y-0.5 border-line border-t pt-3">
          {navigation.bottom.map((item) => (
            <li key={item.to}>
              <Entry item={item} current={item.to === here.to} />
            </li>
          ))}
          <li>
            <a href="/docs" target="_blank" rel="noreferrer" className={entryStyle(false)}>
              <BookOpen className="size-4.5 shrink-0 text-faint" aria-hidden />
              <span className="truncate">{t("nav.api")}</span>
            </a>
          </li>
        </ul>
      </nav>
    </div>
  );
}

interface PartProps {
  here: string | undefined;
  isOpen: (name: string) => boolean;
  toggle: (name: string) => void;
}

function ModulePart({ module, inside, ...part }: PartProps & { module: NavModule; inside: boolean }) {
  const id = useId();
  const open = part.isOpen(module.name);
  const Icon = module.icon;
  return (
    <li data-part>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => part.toggle(module.name)}
        className={cn(entryStyle(false), "w-full font-medium text-ink")}
      >
        <Icon className={cn("size-4.5 shrink-0", inside ? "text-accent-text" : "text-faint")} aria-hidden />
        <span className="min-w-0 flex-1 truncate text-start">{module.label}</span>
        <ChevronDown
          aria-hidden
          className={cn("size-4 shrink-0 text-faint transition-transform", !open && "-rotate-90 rtl:rotate-90")}
        />
      </button>
      {open ? (
        <ul id={id} className="ms-4.5 mb-2 space-y-0.5 border-line border-s ps-2">
          <li>
            <Entry item={module.home} current={part.here === module.home.to} small />
          </li>
          {module.groups.map((group) =>
            group.label ? (
              <GroupPart key={group.name} group={group} module={module.name} {...part} />
            ) : (
              group.items.map((item) => (
                <li key={item.to}>
                  <Entry item={item} current={part.here === item.to} small />
                </li>
              ))
            ),
          )}
        </ul>
      ) : null}
    </li>
  );
}

/** Sub-headings stand open in an opened module; what is kept is that one was closed. */
function GroupPart({ group, module, here, isOpen, toggle }: PartProps & { group: NavGroup; module: string }) {
  const id = useId();
  const name = `${module}/${group.name}`;
  const closed = isOpen(name) && !group.items.some((item) => item.to === here);
  return (
    <li data-part>
      <button
        type="button"
        aria-expanded={!closed}
        aria-controls={id}
        onClick={() => toggle(name)}
        className="mt-1.5 flex w-full items-center gap-1.5 rounded-md px-2 py-1 font-medium text-2xs text-faint uppercase tracking-wider hover:text-ink rtl:text-xs rtl:tracking-normal"
      >
        <span className="min-w-0 truncate">{group.label}</span>
        <ChevronDown aria-hidden className={cn("size-3 shrink-0", closed && "-rotate-90 rtl:rotate-90")} />
      </button>
      {closed ? null : (
        <ul id={id} className="space-y-0.5">
          {group.items.map((item) => (
            <li key={item.to}>
              <Entry item={item} current={here === item.to} small />
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

function entryStyle(current: boolean, small = false): string {
  return cn(
    "flex items-center gap-3 rounded-lg px-2.5 text-sm transition-colors",
    small ? "gap-2.5 px-2 py-1.5" : "py-2",
    current ? "bg-surface font-medium text-ink shadow-card" : "text-muted hover:bg-hover hover:text-ink",
  );
}

function Entry({ item, current, small }: { item: NavItem; current: boolean; small?: boolean }) {
  const { icon: Icon } = item;
  const link = useRef<HTMLAnchorElement>(null);
  // In a long menu the page one is on must not lie below the fold.
  useEffect(() => {
    if (current) link.current?.scrollIntoView?.({ block: "nearest" });
  }, [current]);
  return (
    <Link
      ref={link}
      to={item.to}
      aria-current={current ? "page" : undefined}
      className={entryStyle(current, small ?? false)}
    >
      <Icon
        className={cn(small ? "size-4" : "size-4.5", "shrink-0", current ? "text-accent-text" : "text-faint")}
        aria-hidden
      />
      <span className="truncate">{item.label}</span>
    </Link>
  );
}
