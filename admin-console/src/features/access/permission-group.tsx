import { ChevronDown } from "lucide-react";
import { memo, useId } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Note } from "@/ui/note";
import { PermissionControl } from "./permission-control";
import {
  countGiven,
  type Entry,
  type Given,
  type Group,
  mismatches,
  type Preset,
  turnOf,
  withPreset,
  withScope,
  withSeeing,
} from "./permissions";

const PRESETS: readonly Preset[] = ["see", "everything", "nothing"];

export type Change = (update: (given: Given) => Given) => void;

export interface Shown {
  given: Given;
  base: Given | undefined;
  onChange: Change | undefined;
  keys: boolean;
}

export function Chevron({ open }: { open: boolean }) {
  return (
    <ChevronDown
      aria-hidden
      className={cn("size-4 shrink-0 text-faint transition-transform", !open && "-rotate-90 rtl:rotate-90")}
    />
  );
}

/** How many are given, and whether some of them are not stored yet. */
export function Counts({ groups, given, base }: Omit<Shown, "keys"> & { groups: Group[] }) {
  const { t } = useTranslation();
  const count = countGiven(groups, given);
  const changed = base
    ? groups.reduce(
        (sum, group) =>
          sum + group.permissions.filter(({ name }) => turnOf(base.get(name), given.get(name)) !== undefined).length,
        0,
      )
    : 0;
  return (
    <>
      {changed > 0 ? <Badge tone="info">{t("permission.changed_here", { count: changed })}</Badge> : null}
      <span
        className={cn("num shrink-0 text-xs", count.given > 0 ? "font-medium text-accent-text" : "text-faint")}
        title={t("permission.given_of", count)}
      >
        <span className="sr-only">{t("permission.given_of", count)}</span>
        <bdi aria-hidden="true">{`${count.given} / ${count.of}`}</bdi>
      </span>
    </>
  );
}

interface GroupSectionProps extends Shown {
  /** What is shown of it. */
  group: Group;
  whole: Group;
  open: boolean;
  onTurn: () => void;
}

/** One thing and what can be done with it. */
export const GroupSection = memo(function GroupSection({ group, whole, open, onTurn, ...shown }: GroupSectionProps) {
  const { given, onChange } = shown;
  const { t } = useTranslation();
  const format = useFormat();
  const id = useId();
  const some = whole.permissions.filter((entry) => given.has(entry.name));
  return (
    <li>
      <h4>
        <button
          type="button"
          aria-expanded={open}
          aria-controls={id}
          onClick={onTurn}
          className="flex w-full items-center gap-3 px-4 py-2.5 text-start text-sm hover:bg-hover"
        >
          <span className="min-w-0 flex-1">
            <span className="font-medium">{group.label}</span>
            {open || some.length === 0 ? null : (
              <span className="mt-0.5 block truncate text-faint text-xs">
                {format.list(some.map((entry) => entry.label))}
              </span>
            )}
          </span>
          <Counts groups={[whole]} {...shown} />
          <Chevron open={open} />
        </button>
      </h4>
      {open ? (
        <div id={id} className="px-2 pb-3 sm:px-4">
          {onChange && group.permissions.length > 1 ? (
            <div className="mb-1 flex flex-wrap gap-1.5 px-2">
              {PRESETS.map((preset) => (
                <Button
                  key={preset}
                  size="sm"
                  onClick={() => onChange((now) => withPreset(now, group.permissions, preset))}
                >
                  {t(`permission.preset_${preset}`)}
                </Button>
              ))}
            </div>
          ) : null}
          <GroupEntries group={group} {...shown} />
          {onChange && !shown.keys ? <Mismatches group={whole} given={given} onChange={onChange} /> : null}
        </div>
      ) : null}
    </li>
  );
}, sameGroup);

/** What is opened of a thousand permissions is drawn again where something changed, and nowhere else. */
function sameGroup(before: GroupSectionProps, after: GroupSectionProps): boolean {
  return (
    before.group === after.group &&
    before.whole === after.whole &&
    before.open === after.open &&
    before.base === after.base &&
    !before.onChange === !after.onChange &&
    after.whole.permissions.every(({ name }) => before.given.get(name) === after.given.get(name))
  );
}

function GroupEntries({ group, given, base, onChange }: Omit<Shown, "keys"> & { group: Group }) {
  const { t } = useTranslation();
  const plain = group.permissions.filter((entry) => entry.kind !== "field");
  const fields = group.permissions.filter((entry) => entry.kind === "field");
  const list = (entries: Entry[]) => (
    <ul className={entries.some((entry) => entry.is_scoped) ? "" : "grid gap-x-4 sm:grid-cols-2 xl:grid-cols-3"}>
      {entries.map((entry) => (
        <li key={entry.name}>
          <PermissionControl
            entry={entry}
            scope={given.get(entry.name)}
            {...(base ? { turn: turnOf(base.get(entry.name), given.get(entry.name)) } : {})}
            onChange={onChange ? (scope) => onChange((now) => withScope(now, entry.name, scope)) : undefined}
          />
        </li>
      ))}
    </ul>
  );
  return (
    <>
      {list(plain)}
      {fields.length > 0 ? (
        <>
          <p className="mt-3 mb-1 px-2 font-medium text-faint text-xs">{t("permission.private_fields")}</p>
          {list(fields)}
        </>
      ) : null}
    </>
  );
}

/** What is given and would do nothing, said before it surprises. */
function Mismatches({ group, given, onChange }: { group: Group; given: Given; onChange: Change }) {
  const { t } = useTranslation();
  const format = useFormat();
  const found = mismatches(group, given);
  const beyond = found.filter(({ why }) => why === "beyond").map(({ entry }) => entry);
  const short = found.filter(({ why }) => why === "short").map(({ entry }) => entry);
  if (found.length === 0) return null;
  const labels = (entries: Entry[]) => format.list(entries.map((entry) => entry.label));
  return (
    <div className="mt-2 space-y-2 px-2">
      {beyond.length > 0 ? (
        <Note
          kind="warn"
          actions={
            <Button size="sm" className="self-center" onClick={() => onChange((now) => withSeeing(now, group))}>
              {t("permission.see_too")}
            </Button>
          }
        >
          {t("permission.beyond", { what: labels(beyond) })}
        </Note>
      ) : null}
      {short.length > 0 ? <Note kind="warn">{t("permission.short", { what: labels(short) })}</Note> : null}
    </div>
  );
}
