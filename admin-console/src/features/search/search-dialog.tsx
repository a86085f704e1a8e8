import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { FileUp, History, LoaderCircle, Plus, Search, SearchX } from "lucide-react";
import { Dialog } from "radix-ui";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { resourceKey, useDescription } from "@/lib/account";
import { cn } from "@/lib/cn";
import { useDebounced } from "@/lib/debounce";
import { type Labels, useLabels } from "@/lib/labels";
import { iconOf } from "@/resource/icons";
import { mainResources, placesOf } from "@/resource/places";
import { wordsFor } from "@/ui/error-note";
import { type Entry, fitting, type PageEntry, type Section } from "./entries";
import { findRows, type Hits, inOrder } from "./find-rows";
import { recent, remember } from "./recent";

const LEAST = 2;
const PAUSE_MS = 180;

/** The rows that fit. A new word stops the call of the one before; until its answer is here the old rows stay. */
function useRows(text: string, module: string | undefined) {
  const description = useDescription();
  const asked = useDebounced(text, PAUSE_MS);
  const resources = useMemo(() => {
    const main = new Set(placesOf(description).flatMap((place) => mainResources(place, 4).map(resourceKey)));
    return inOrder(
      description.modules.flatMap((one) => one.resources),
      module,
      main,
    );
  }, [description, module]);
  const enough = asked.length >= LEAST;
  const rows = useQuery({
    queryKey: ["rows", "search", asked],
    queryFn: ({ signal }) => findRows(resources, asked, signal),
    enabled: enough,
    placeholderData: keepPreviousData,
  });
  const busy = text.length >= LEAST && (text !== asked || rows.isFetching);
  return { hits: enough ? (rows.data ?? []) : [], busy, error: enough ? rows.error : null };
}

function rowSections(hits: Hits[], text: string, labels: Labels, all: (what: string) => string): Section[] {
  return hits.map(({ resource, rows }) => {
    const icon = iconOf(resource.module, resource.name);
    const base = `/${resource.module}/${resource.name}`;
    return {
      name: resourceKey(resource),
      title: labels.many(resource),
      entries: [
        ...rows.map((row) => ({ key: row.id, label: row.title, icon, to: `${base}/${row.id}` })),
        { key: `${base}?`, label: all(labels.many(resource)), icon: Search, to: base, search: { q: text } },
      ],
    };
  });
}

/** Pages, things to do and rows, found by typing and chosen by keyboard. */
export function SearchDialog({ pages, onClose }: { pages: PageEntry[]; onClose: () => void }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const description = useDescription();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const asked = text.trim();
  const module = pathname.split("/").filter((part) => part !== "m")[1];
  const { hits, busy, error } = useRows(asked, module);

  const tasks = useMemo(
    () =>
      description.modules
        .flatMap((one) => one.resources)
        .flatMap((resource) => [
          ...(resource.verbs.includes("create")
            ? [
                {
                  key: `new ${resourceKey(resource)}`,
                  label: t("list.new", { what: labels.one(resource) }),
                  icon: Plus,
                  to: `/${resource.module}/${resource.name}/new`,
                },
              ]
            : []),
          ...(resource.verbs.includes("import")
            ? [
                {
                  key: `import ${resourceKey(resource)}`,
                  label: t("import.title", { what: labels.many(resource) }),
                  icon: FileUp,
                  to: `/${resource.module}/${resource.name}/import`,
                },
              ]
            : []),
        ]),
    [description, labels, t],
  );

  const sections: Section[] = asked
    ? [
        {
          name: "pages",
          title: t("search.pages"),
          entries: fitting(pages, asked, (page) => `${page.label} ${page.under ?? ""}`, 6).map((page) => ({
            ...page,
            key: page.to,
            note: page.under,
          })),
        },
        { name: "tasks", title: t("search.tasks"), entries: fitting<Entry>(tasks, asked, (task) => task.label, 4) },
        ...rowSections(hits, asked, labels, (what) => t("search.all_in", { what, text: asked })),
      ]
    : [
        {
          name: "recent",
          title: t("search.recent"),
          entries: recent().map((one) => ({ ...one, key: `recent ${one.to}`, icon: History })),
        },
        {
          name: "pages",
          title: t("search.pages"),
          entries: pages.filter((page) => page.under === undefined).map((page) => ({ ...page, key: page.to })),
        },
      ];
  const shown = sections.filter((section) => section.entries.length > 0);
  const flat = shown.flatMap((section) => section.entries.map((entry) => ({ entry, section })));
  const at = Math.min(active, flat.length - 1);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the marked line changes, and what it stands in
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView?.({ block: "nearest" });
  }, [at, flat.length]);

  function choose(chosen: (typeof flat)[number] | undefined) {
    if (!chosen) return;
    const { entry, section } = chosen;
    if (!entry.search && section.name !== "tasks") {
      const isRow = section.name.includes(".");
      remember({ to: entry.to, label: entry.label, note: isRow ? section.title : entry.note });
    }
    onClose();
    navigate({ to: entry.to, search: entry.search ?? {} });
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return;
    const last = flat.length - 1;
    if (event.key === "ArrowDown") setActive(at >= last ? 0 : at + 1);
    else if (event.key === "ArrowUp") setActive(at <= 0 ? last : at - 1);
    else if (event.key === "PageDown") setActive(Math.min(at + 8, last));
    else if (event.key === "PageUp") setActive(Math.max(at - 8, 0));
    else if (event.key === "Enter") choose(flat[at]);
    else return;
    event.preventDefault();
  }

  let index = -1;
  return (
    <Dialog.Root open onOpenChange={onClose}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-shade" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-x-0 top-0 z-50 mx-auto flex max-h-dvh w-full animate-in flex-col border-line bg-surface shadow-float focus:outline-none sm:top-[10dvh] sm:max-h-[76dvh] sm:max-w-2xl sm:rounded-2xl sm:border"
        >
          <Dialog.Title className="sr-only">{t("search.open")}</Dialog.Title>
          <div className="flex items-center gap-3 border-line border-b px-4">
            {busy ? (
              <LoaderCircle className="size-5 shrink-0 animate-spin text-faint" aria-hidden />
            ) : (
              <Search className="size-5 shrink-0 text-faint" aria-hidden />
            )}
            <input
              type="search"
              role="combobox"
              aria-expanded
              aria-controls={id}
              aria-label={t("search.open")}
              aria-activedescendant={flat[at] ? `${id}-${at}` : undefined}
              placeholder={t("search.placeholder")}
              autoComplete="off"
              dir="auto"
              value={text}
              onChange={(event) => {
                setText(event.target.value);
                setActive(0);
              }}
              onKeyDown={onKeyDown}
              className="text-page-start h-14 min-w-0 flex-1 bg-transparent text-base text-ink outline-none"
            />
            <Dialog.Close className="rounded-md border border-line px-2 py-0.5 text-faint text-xs hover:text-ink">
              {t("common.close")}
            </Dialog.Close>
          </div>
          <div
            id={id}
            ref={list}
            role="listbox"
            tabIndex={-1}
            aria-label={t("search.results")}
            className="scroll-thin min-h-0 flex-1 overflow-y-auto p-2"
          >
            {shown.map((section) => (
              // biome-ignore lint/a11y/useSemanticElements: a list of choices is grouped by role, a fieldset is for forms
              <div key={section.name} role="group" aria-label={section.title} className="mb-1.5">
                <p className="px-2.5 pt-1.5 pb-1 font-medium text-faint text-xs" aria-hidden="true">
                  {section.title}
                </p>
                {section.entries.map((entry) => {
                  index += 1;
                  const here = index;
                  const Icon = entry.icon;
                  return (
                    // biome-ignore lint/a11y/useKeyWithClickEvents: the search field above moves through the list
                    <div
                      key={entry.key}
                      id={`${id}-${here}`}
                      role="option"
                      tabIndex={-1}
                      aria-selected={here === at}
                      onPointerMove={() => setActive(here)}
                      onClick={() => choose(flat[here])}
                      className={cn(
                        "flex cursor-pointer items-center gap-3 rounded-lg px-2.5 py-2 text-sm",
                        here === at && "bg-hover",
                      )}
                    >
                      <Icon className="size-4.5 shrink-0 text-faint" aria-hidden />
                      <bdi className="min-w-0 truncate">{entry.label}</bdi>
                      {entry.note ? <span className="ms-auto shrink-0 text-faint text-xs">{entry.note}</span> : null}
                    </div>
                  );
                })}
              </div>
            ))}
            {error ? (
              <p role="alert" className="px-2.5 py-3 text-bad text-sm">
                {wordsFor(error, t)}
              </p>
            ) : null}
            {shown.length === 0 && !busy && !error ? (
              <p className="flex flex-col items-center gap-2 px-4 py-10 text-center text-muted text-sm">
                <SearchX className="size-6 text-faint" aria-hidden />
                {asked.length < LEAST ? t("search.more_letters") : t("search.nothing", { text: asked })}
              </p>
            ) : null}
          </div>
          <p role="status" className="border-line border-t px-4 py-2 text-faint text-xs">
            {busy ? t("search.busy") : t("search.keys")}
          </p>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
