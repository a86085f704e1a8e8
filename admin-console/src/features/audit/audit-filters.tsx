import { X } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { resourceKey, useCan, useDescription } from "@/lib/account";
import { useDebouncedText } from "@/lib/debounce";
import { fold } from "@/lib/fold";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { MemberPicker } from "@/resource/kinds/member";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Combobox } from "@/ui/combobox";
import { DateField } from "@/ui/date-field";
import { Field, Input, Select } from "@/ui/field";
import { WANTED, type Wanted } from "./audit-api";
import { useAuditWords } from "./audit-words";

const KEPT = [
  "tenancy.organization",
  "tenancy.members",
  "tenancy.invitations",
  "tenancy.roles",
  "tenancy.api_keys",
  "tenancy.domains",
  "tenancy.modules",
  "tenancy.groups",
  "tenancy.support",
];
const VERBS = ["create", "update", "delete", "import"] as const;

interface AuditFiltersProps {
  wanted: Wanted;
  onChange: (part: Wanted) => void;
}

export function AuditFilters({ wanted, onChange }: AuditFiltersProps) {
  const { t } = useTranslation();
  const words = useAuditWords();
  const [text, setText] = useDebouncedText(wanted.text ?? "", (next) => onChange({ text: next }));
  const actions = wanted.resource ? (words.resourceOf(wanted.resource).actions ?? []) : [];
  const verbs = [
    ...new Set([...VERBS, ...actions.map((action) => action.name), ...(wanted.verb ? [wanted.verb] : [])]),
  ];
  const isFiltered = WANTED.some((name) => wanted[name]);
  return (
    <Card className="p-4">
      <search aria-label={t("audit.filters")} className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        <Field id="audit-text" label={t("audit.text")} className="col-span-2">
          <Input
            id="audit-text"
            type="search"
            dir="auto"
            placeholder={t("audit.text_help")}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </Field>
        <Field id="audit-from" label={t("audit.from")}>
          <DateField id="audit-from" value={wanted.from ?? null} onChange={(day) => onChange({ from: day ?? "" })} />
        </Field>
        <Field id="audit-to" label={t("audit.to")}>
          <DateField id="audit-to" value={wanted.to ?? null} onChange={(day) => onChange({ to: day ?? "" })} />
        </Field>
        <Field id="audit-person" label={t("audit.person")}>
          <MemberPicker
            id="audit-person"
            value={wanted.actor ?? null}
            clearable
            onChange={(id) => onChange({ actor: id ?? "" })}
          />
        </Field>
        <Field id="audit-kind" label={t("audit.kind")}>
          <KindPicker value={wanted.resource ?? null} onChange={(key) => onChange({ resource: key ?? "", verb: "" })} />
        </Field>
        <Field id="audit-verb" label={t("audit.action")}>
          <Select
            id="audit-verb"
            value={wanted.verb ?? ""}
            onChange={(event) => onChange({ verb: event.target.value })}
          >
            <option value="">{t("audit.any")}</option>
            {verbs.map((verb) => (
              <option key={verb} value={verb}>
                {words.verb(wanted.resource ?? "", verb)}
              </option>
            ))}
          </Select>
        </Field>
        <div className="flex items-end gap-2">
          <Field id="audit-record" label={t("audit.record")} className="flex-1">
            <Input
              id="audit-record"
              dir="ltr"
              className="font-mono text-xs"
              autoComplete="off"
              spellCheck={false}
              value={wanted.record ?? ""}
              onChange={(event) => onChange({ record: event.target.value.trim() })}
            />
          </Field>
          {isFiltered ? (
            <Button
              variant="ghost"
              size="icon"
              aria-label={t("audit.clear")}
              onClick={() => onChange(Object.fromEntries(WANTED.map((name) => [name, ""])))}
            >
              <X aria-hidden />
            </Button>
          ) : null}
        </div>
      </search>
    </Card>
  );
}

function KindPicker({ value, onChange }: { value: string | null; onChange: (key: string | null) => void }) {
  const words = useAuditWords();
  const labels = useLabels();
  const format = useFormat();
  const description = useDescription();
  const can = useCan();
  const [search, setSearch] = useState("");
  const all = useMemo(() => {
    const shown = description.modules.flatMap((module) =>
      module.resources.map((resource) => ({
        value: resourceKey(resource),
        label: `${labels.many(resource)} · ${labels.module(module.name)}`,
      })),
    );
    shown.sort((a, b) => format.compare(a.label, b.label));
    const kept = can("organization.read") ? KEPT : [];
    return [...kept.map((key) => ({ value: key, label: words.kind(key) })), ...shown];
  }, [description, labels, format, words, can]);
  const wanted = fold(search);
  return (
    <Combobox
      id="audit-kind"
      value={value}
      chosenLabel={value ? (all.find((one) => one.value === value)?.label ?? words.kind(value)) : undefined}
      choices={all.filter((one) => fold(one.label).includes(wanted)).slice(0, 80)}
      search={search}
      onSearch={setSearch}
      onChange={onChange}
      clearable
    />
  );
}
