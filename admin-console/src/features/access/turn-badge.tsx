import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { Badge, type Tone } from "@/ui/badge";
import { ArrowEnd } from "@/ui/icons";
import { type Difference, grouped, type Part, type Places, type Scope, type Turn } from "./permissions";

const TONES: Record<Turn, Tone> = { added: "ok", wider: "ok", removed: "bad", narrower: "warn" };

export function TurnBadge({ turn, className }: { turn: Turn; className?: string }) {
  const { t } = useTranslation();
  return (
    <Badge tone={TONES[turn]} {...(className ? { className } : {})}>
      {t(`permission.turn.${turn}`)}
    </Badge>
  );
}

/** How many are new, gone, wider and narrower, in one line. */
export function TurnCounts({ items }: { items: readonly Difference[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const turns = (["added", "wider", "narrower", "removed"] as const).flatMap((turn) => {
    const count = items.filter((item) => item.turn === turn).length;
    return count > 0
      ? [t("permission.turn_count", { shown: format.number(count), turn: t(`permission.turn.${turn}`) })]
      : [];
  });
  return <>{turns.join(" · ")}</>;
}

interface DifferencesProps {
  items: readonly Difference[];
  parts: readonly Part[];
  places: Places;
}

/** What changes or changed, under the headings of the catalogue. */
export function Differences({ items, parts, places }: DifferencesProps) {
  const { t } = useTranslation();
  const word = (scope: Scope | undefined) => t(`permission.scope.${scope ?? "none"}`);
  return (
    <ul className="space-y-3 text-sm">
      {grouped(items, parts).map((group) => (
        <li key={group.key}>
          {group.part ? (
            <p className="mb-1 text-faint text-xs">
              {group.part === group.group ? group.part : `${group.part} › ${group.group}`}
            </p>
          ) : null}
          <ul className="space-y-1">
            {group.items.map((item) => (
              <li key={item.name} className="flex flex-wrap items-center gap-x-3 gap-y-1">
                <TurnBadge turn={item.turn} />
                <span className="min-w-0">{item.label}</span>
                {places.get(item.name)?.entry.is_scoped ? (
                  <span className="flex items-center gap-1.5 text-muted text-xs">
                    {word(item.before)}
                    <ArrowEnd className="size-3" />
                    {word(item.after)}
                  </span>
                ) : null}
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}
