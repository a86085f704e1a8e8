import { ArrowDownToLine, Clock, Database, Gauge, Globe, KeyRound, type LucideIcon, ShieldCheck } from "lucide-react";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { Badge } from "@/ui/badge";
import { Checkbox } from "@/ui/field";
import { askKey, inSections, isChoice, type SectionName } from "./asks";
import type { Ask, CatalogueEntry } from "./shapes";
import { useAskWords } from "./words";

const ICONS: Record<SectionName, LucideIcon> = {
  does: ArrowDownToLine,
  data: Database,
  hosts: Globe,
  secrets: KeyRound,
  itself: Clock,
  limits: Gauge,
};

/** These are worth saying even when there is nothing: a plugin that reads nothing and talks to nobody is a value. */
const SAID_WHEN_EMPTY: ReadonlySet<SectionName> = new Set(["does", "data", "hosts", "secrets"]);

interface AskListProps {
  entry: CatalogueEntry;
  asks: Ask[];
  chosen: ReadonlySet<string>;
  /** What the version before did not ask for. */
  fresh?: ReadonlySet<string>;
  /** Whether this is everything: then what is missing is said too. */
  isWhole?: boolean;
  disabled?: boolean;
  onToggle: (key: string) => void;
}

/** In plain words: what a plugin does, what it sees, whom it talks to and when, each with its reason. */
export function AskList({ entry, asks, chosen, fresh, isWhole, disabled = false, onToggle }: AskListProps) {
  const { t } = useTranslation();
  const wordsOf = useAskWords(entry);
  return (
    <ul className="divide-y divide-line">
      {inSections(asks).map(({ name, asks: own }) =>
        own.length > 0 || (isWhole && SAID_WHEN_EMPTY.has(name)) ? (
          <Part key={name} icon={ICONS[name]} title={t(`plugins.ask_${name}`)}>
            {own.length === 0 ? <li className="text-muted">{t(`plugins.ask_${name as "does"}_none`)}</li> : null}
            {own.map((ask) => (
              <AskItem
                key={askKey(ask)}
                ask={ask}
                words={wordsOf(ask)}
                checked={chosen.has(askKey(ask))}
                isNew={fresh?.has(askKey(ask)) ?? false}
                disabled={disabled}
                onToggle={() => onToggle(askKey(ask))}
              />
            ))}
          </Part>
        ) : null,
      )}
      {isWhole ? (
        <Part icon={ShieldCheck} title={t("plugins.not_allowed")}>
          <li className="text-muted">{t("plugins.not_allowed_hint")}</li>
        </Part>
      ) : null}
    </ul>
  );
}

function Part({ icon: Icon, title, children }: { icon: LucideIcon; title: string; children: ReactNode }) {
  return (
    <li className="flex gap-4 px-5 py-4">
      <Icon className="mt-0.5 size-5 shrink-0 text-accent-text max-sm:hidden" aria-hidden />
      <div className="min-w-0 flex-1">
        <h3 className="mb-1.5 font-medium">{title}</h3>
        <ul className="space-y-2.5 text-sm">{children}</ul>
      </div>
    </li>
  );
}

interface AskItemProps {
  ask: Ask;
  words: ReturnType<ReturnType<typeof useAskWords>>;
  checked: boolean;
  isNew: boolean;
  disabled: boolean;
  onToggle: () => void;
}

function AskItem({ ask, words, checked, isNew, disabled, onToggle }: AskItemProps) {
  const { t } = useTranslation();
  const id = useId();
  const choice = isChoice(ask);
  const text = (
    <>
      <span className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
        {words.isName ? (
          <bdi dir="ltr" className="break-all font-medium font-mono text-[0.8125rem]">
            {words.title}
          </bdi>
        ) : (
          <span className="font-medium">{words.title}</span>
        )}
        {choice ? <span className="text-faint text-xs">{t("plugins.host_optional")}</span> : null}
        {isNew ? <Badge tone="accent">{t("plugins.ask_new")}</Badge> : null}
      </span>
      {words.details.map((detail) => (
        <span key={detail} className="block text-muted">
          {detail}
        </span>
      ))}
      {words.reason ? <span className="block text-muted">{words.reason}</span> : null}
      {words.requests?.length ? (
        <span className="mt-1 flex flex-wrap items-baseline gap-x-2 gap-y-1 text-muted text-xs">
          {t("plugins.only_requests")}
          {words.requests.map((request) => (
            <bdi key={request} dir="ltr" className="break-all rounded bg-sunken px-1.5 py-0.5 font-mono">
              {request}
            </bdi>
          ))}
        </span>
      ) : null}
    </>
  );
  if (!choice) return <li className="min-w-0">{text}</li>;
  return (
    <li className="flex gap-3">
      <Checkbox id={id} checked={checked} disabled={disabled} onChange={onToggle} className="mt-1" />
      <label htmlFor={id} className="min-w-0 flex-1">
        {text}
      </label>
    </li>
  );
}
