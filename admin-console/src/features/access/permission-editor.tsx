import { ChevronDown, Search } from "lucide-react";
import { memo, useDeferredValue, useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/format";
import { moduleIcon } from "@/resource/icons";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Input, Select } from "@/ui/field";
import { Note } from "@/ui/note";
import { PermissionControl } from "./permission-control";
import {
  countGiven,
  type Entry,
  type Given,
  type Group,
  matching,
  mismatches,
  type Part,
  type Preset,
  type Show,
  turnOf,
  withPreset,
  withScope,
  withSeeing,
} from "./permissions";

/** So many things are shown opened when something is looked for; of more, the headings alone. */
const OPENED_AT_ONCE = 24;

const PRESETS: readonly Preset[] = ["see", "everything", "nothing"];

export type Change = (update: (given: Given) => Given) => void;

interface PermissionEditorProps {
  parts: Part[];
  given: Given;
  /** What is stored, so that changes are marked. */
  base?: Given | undefined;
  /** Without it the permissions are only shown. */
  onChange?: Change | undefined;
  starts?: Show;
  /** For an API key: what fits together follows from whom it acts for. */
  keys?: boolean;
}

/**
 * Everything that can be allowed, by module and thing. Only what is opened is drawn, so that a thousand permissions stay quick;
 * the controls are the browser's own, so that the keyboard and a screen reader know them.
 */
export function PermissionEditor({ parts, given, base, onChange, starts = "all", keys }: PermissionEditorProps) {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const [show, setShow] = useState<Show>(starts);
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  // What is typed is there at once; the list follows.
  const looked = useDeferredValue(search);
  const looking = looked.trim() !== "" || show !== "all";
  const found = useMemo(() => {
    const fits = (entry: Entry) =>
      show === "all" ||
      (show === "given" && given.has(entry.name)) ||
      (show === "private" && entry.kind === "field") ||
      (show === "changed" && turnOf(base?.get(entry.name), given.get(entry.name)) !== undefined);
    return looking ? matching(parts, looked, fits) : parts;
  }, [parts, looked, show, given, base, looking]);
  const groups = found.reduce((sum, part) => sum + part.groups.length, 0);
  const few = groups <= OPENED_AT_ONCE;

  // Counts and what fits together are told of the whole, however little of it is shown.
  const whole = useMemo(
    () =>
      new Map(parts.flatMap((part) => part.groups.map((group) => [`${part.module} ${group.name}`, group] as const))),
    [parts],
  );

  // What was opened by hand while looking for something is another matter than what is open otherwise.
  const mode = looking ? "found" : "all";
  const isOpen = (key: string, usually: boolean) => turned.has(`${mode} ${key}`) !== usually;
  function turn(key: string) {
    setTurned((before) => {
      const next = new Set(before);
      if (!next.delete(`${mode} ${key}`)) next.add(`${mode} ${key}`);
      return next;
    });
  }

  return (
    <div>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <div className="relative min-w-56 flex-1">
          <Search
            className="pointer-events-none absolute inset-y-0 start-3 my-auto size-4 text-faint"
            aria-hidden="true"
          />
          <Input
            type="search"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            placeholder={t("permission.search")}
            aria-label={t("permission.search")}
            className="ps-9"
          />
        </div>
        <Select
          aria-label={t("permission.show")}
          value={show}
          onChange={(event) => setShow(event.target.value as Show)}
          className="w-auto"
        >
          <option value="all">{t("permission.show_all")}</option>
          <option value="given">{t("permission.show_given")}</option>
          {base ? <option value="changed">{t("permission.show_changed")}</option> : null}
          <option value="private">{t("permission.show_private")}</option>
        </Select>
      </div>
      {found.length === 0 ? (
        <Card className="px-5 py-10 text-center text-muted text-sm">{t("permission.none_found")}</Card>
      ) : (
        <ul className="space-y-2">
          {found.map((part) => (
            <PartSection
              key={part.module}
              part={part}
              given={given}
              base={base}
              onChange={onChange}
              keys={keys ?? false}
              whole={parts.find((one) => one.module === part.module) ?? part}
              wholeOf={(group) => whole.get(`${part.module} ${group.name}`) ?? group}
              open={isOpen(part.module, looking)}
              onTurn={() => turn(part.module)}
              isGroupOpen={(group) => isOpen(`${part.module} ${group.name}`, looking && few)}
              onTurnGroup={(group) => turn(`${part.module} ${group.name}`)}
            />
          ))}
        </ul>
      )}
    </div>
  );
}

interface Shown {
  given: Given;
  base: Given | undefined;
  onChange: Change | undefined;
  keys: boolean;
}

interface PartSectionProps extends Shown {
  /** What is shown of it. */
  part: Part;
  whole: Part;
  open: boolean;
  onTurn: () => void;
  isGroupOpen: (group: Group) => boolean;
  onTurnGroup: (group: Group) => void;
  wholeOf: (group: Group) => Group;
}

function PartSection({ part, whole, open, onTurn, isGroupOpen, onTurnGroup, wholeOf, ...shown }: PartSectionProps) {
  const id = useId();
  const Icon = moduleIcon(part.module);
  return (
    <li>
      <Card>
        <h3>
          <button
            type="button"
            aria-expanded={open}
            aria-controls={id}
            onClick={onTurn}
            className="flex w-full items-center gap-3 rounded-card px-4 py-3 text-start hover:bg-hover"
          >
            <Icon className="size-4.5 shrink-0 text-faint" aria-hidden />
            <span className="min-w-0 flex-1 truncate font-semibold">{part.label}</span>
            <Counts groups={whole.groups} {...shown} />
            <Chevron open={open} />
          </button>
        </h3>
        {open ? (
          <ul id={id} className="divide-y divide-line border-line border-t">
            {part.groups.map((group) => (
              <GroupSection
                key={group.name}
                group={group}
                whole={wholeOf(group)}
                open={isGroupOpen(group)}
                onTurn={() => onTurnGroup(group)}
                {...shown}
              />
            ))}
          </ul>
        ) : null}
      </Card>
    </li>
  );
}

function Chevron({ open }: { open: boolean }) {
  return (
    <ChevronDown
      aria-hidden
      className={cn("size-4 shrink-0 text-faint transition-transform", !open && "-rotate-90 rtl:rotate-90")}
    />
  );
}

/** How many are given, and whether some of them are not stored yet. */
function Counts({ groups, given, base }: Omit<Shown, "keys"> & { groups: Group[] }) {
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

const GroupSection = memo(function GroupSection({ group, whole, open, onTurn, ...shown }: GroupSectionProps) {
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
