import { Search } from "lucide-react";
import { useDeferredValue, useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { moduleIcon } from "@/resource/icons";
import { Card } from "@/ui/card";
import { Input, Select } from "@/ui/field";
import { type Change, Chevron, Counts, GroupSection, type Shown } from "./permission-group";
import { type Entry, type Given, type Group, matching, type Part, type Show, turnOf } from "./permissions";

/** So many things are shown opened when something is looked for; of more, the headings alone. */
const OPENED_AT_ONCE = 24;

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
