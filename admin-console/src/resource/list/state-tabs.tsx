import { useTranslation } from "react-i18next";
import type { Resource } from "@/api/model";
import { cn } from "@/lib/cn";
import { useLabels } from "@/lib/labels";
import { stateOf } from "../places";
import type { ListSearch } from "./search";

interface StateTabsProps {
  resource: Resource;
  search: ListSearch;
  onChange: (changes: Record<string, string | undefined>) => void;
}

/** The states of a resource as one press each: what most people filter a list by. */
export function StateTabs({ resource, search, onChange }: StateTabsProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const field = stateOf(resource);
  if (!field) return null;
  const names = { equal: field.name, among: `${field.name}.in` };
  const chosen = search[names.among]?.split(",") ?? (search[names.equal] ? [search[names.equal]] : []);
  const choose = (value: string | undefined) => onChange({ [names.equal]: undefined, [names.among]: value });
  const style = (on: boolean) =>
    cn(
      "shrink-0 rounded-full px-3 py-1 text-sm transition-colors",
      on ? "bg-accent text-accent-ink" : "text-muted hover:bg-hover hover:text-ink",
    );
  return (
    <div
      role="toolbar"
      aria-label={labels.field(resource, field.name)}
      className="scroll-thin flex gap-1 overflow-x-auto px-4 pb-3 [scrollbar-width:none]"
    >
      <button
        type="button"
        aria-pressed={chosen.length === 0}
        className={style(chosen.length === 0)}
        onClick={() => choose(undefined)}
      >
        {t("filter.any")}
      </button>
      {(field.values ?? []).map((value) => {
        const on = chosen.includes(value);
        return (
          <button
            key={value}
            type="button"
            aria-pressed={on}
            className={style(on)}
            onClick={() => choose(on && chosen.length === 1 ? undefined : value)}
          >
            {labels.choice(resource, field.name, value)}
          </button>
        );
      })}
    </div>
  );
}
