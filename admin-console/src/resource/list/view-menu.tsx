import { Bookmark, Check, Link2, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Resource } from "@/api/model";
import { cn } from "@/lib/cn";
import { useLabels } from "@/lib/labels";
import { Button } from "@/ui/button";
import { Input } from "@/ui/field";
import { Popover } from "@/ui/popover";
import { toast } from "@/ui/toast";
import type { ListSearch } from "./search";
import { isView, useViews, viewSearch } from "./views";

interface ViewMenuProps {
  resource: Resource;
  search: ListSearch;
  columns: string[];
  onView: (search: ListSearch) => void;
}

/** The saved views of a list: to choose one, keep how it stands now, or send it to a colleague. */
export function ViewMenu({ resource, search, columns, onView }: ViewMenuProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const views = useViews(resource);
  const [open, setOpen] = useState(false);
  const [name, setName] = useState("");
  const current = views.all.find((view) => isView(view, search));
  const choose = (next: ListSearch) => {
    setOpen(false);
    onView(next);
  };

  async function share() {
    const shared = new URL(window.location.href);
    shared.search = new URLSearchParams(viewSearch(search, columns)).toString();
    try {
      await navigator.clipboard.writeText(shared.href);
      toast(t("view_saved.copied"));
      setOpen(false);
    } catch {
      toast(t("view_saved.not_copied"), "bad");
    }
  }

  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      label={t("view_saved.title")}
      className="w-72"
      trigger={
        <Button aria-label={current ? undefined : t("view_saved.title")}>
          <Bookmark aria-hidden className={cn(current && "fill-current text-accent-text")} />
          <bdi className="max-w-32 truncate max-sm:hidden">{current?.name ?? t("view_saved.title")}</bdi>
        </Button>
      }
    >
      <ul className="scroll-thin -mx-1 max-h-60 overflow-y-auto">
        <li>
          <Choice chosen={Object.keys(viewSearch(search)).length === 0} onChoose={() => choose({})}>
            {t("view_saved.all", { what: labels.many(resource) })}
          </Choice>
        </li>
        {views.all.map((view) => (
          <li key={view.id} className="flex items-center">
            <Choice chosen={view === current} onChoose={() => choose(view.search)}>
              <bdi>{view.name}</bdi>
            </Choice>
            <Button
              variant="ghost"
              size="icon-sm"
              aria-label={t("view_saved.remove", { name: view.name })}
              onClick={() => views.remove(view.id)}
            >
              <Trash2 aria-hidden />
            </Button>
          </li>
        ))}
      </ul>
      <form
        className="mt-2 flex gap-2 border-line border-t pt-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (!name.trim()) return;
          const saved = viewSearch(search, columns);
          views.save(name.trim(), saved);
          toast(t("view_saved.saved", { name: name.trim() }));
          setName("");
          choose(saved);
        }}
      >
        <Input
          aria-label={t("view_saved.name")}
          placeholder={t("view_saved.name")}
          value={name}
          maxLength={60}
          onChange={(event) => setName(event.target.value)}
        />
        <Button type="submit" disabled={!name.trim()}>
          {t("form.save")}
        </Button>
      </form>
      <Button variant="ghost" size="sm" className="mt-2" onClick={share}>
        <Link2 aria-hidden />
        {t("view_saved.share")}
      </Button>
    </Popover>
  );
}

function Choice({ chosen, onChoose, children }: { chosen: boolean; onChoose: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-pressed={chosen}
      onClick={onChoose}
      className="flex w-full min-w-0 flex-1 items-center gap-2 rounded-md px-2 py-1.5 text-start text-sm hover:bg-hover"
    >
      <Check className={cn("size-4 shrink-0 text-accent-text", !chosen && "invisible")} aria-hidden />
      <span className="min-w-0 truncate">{children}</span>
    </button>
  );
}
