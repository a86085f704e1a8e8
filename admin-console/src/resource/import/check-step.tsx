import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Resource } from "@/api/model";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { ErrorNote } from "@/ui/error-note";
import { Note } from "@/ui/note";
import { Stat } from "@/ui/stat";
import { Table, Td, Th } from "@/ui/table";
import { kindOf } from "../kinds/registry";
import { Nothing } from "../kinds/shared";
import { type CheckResult, type Mapping, previewValues, type RowError, type Upload } from "./import-api";
import { isSet } from "./must-be-set";
import { RejectedButton } from "./rejected-button";
import { ValueTranslation } from "./value-translation";

interface CheckStepProps {
  resource: Resource;
  upload: Upload;
  checked: CheckResult;
  mapping: Mapping;
  onMapping: (mapping: Mapping) => void;
  rechecking: boolean;
  onRecheck: () => void;
  busy: boolean;
  error: unknown;
  onBack: () => void;
  onCommit: () => void;
}

/** The dry run: what would be made, what not and why, row by row. Nothing is written before the last button. */
export function CheckStep(props: CheckStepProps) {
  const { resource, upload, checked, mapping } = props;
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const unmatched = Object.entries(checked.unmatched ?? {}).filter(([, values]) => values.length > 0);
  return (
    <div className="space-y-4">
      {props.error ? <ErrorNote error={props.error} /> : null}
      <Tallies checked={checked} />
      {unmatched.length > 0 ? (
        <Card>
          <CardHead
            title={t("import.unmatched_title")}
            hint={t("import.unmatched_hint")}
            actions={
              <Button size="sm" variant="primary" busy={props.rechecking} onClick={props.onRecheck}>
                {t("import.check_again")}
              </Button>
            }
          />
          <ul className="divide-y divide-line border-line border-t">
            {unmatched.map(([name, values]) => {
              const field = resource.fields.find((one) => one.name === name);
              if (!field) return null;
              return (
                <li key={name} className="px-5 pt-3 pb-4">
                  <p className="font-medium text-sm">{labels.field(resource, name)}</p>
                  {field.values ? (
                    <ValueTranslation
                      resource={resource}
                      field={field}
                      found={values}
                      source={mapping[name] ?? {}}
                      onChange={(source) => props.onMapping({ ...mapping, [name]: source })}
                    />
                  ) : (
                    <p className="mt-1 text-muted text-sm">{format.list(values)}</p>
                  )}
                </li>
              );
            })}
          </ul>
        </Card>
      ) : null}
      {checked.errors.length > 0 ? (
        <Errors
          resource={resource}
          errors={checked.errors}
          actions={checked.bad > 0 ? <RejectedButton resource={resource} upload={upload} small /> : null}
        />
      ) : null}
      <Preview resource={resource} checked={checked} mapping={mapping} />
      <div className="flex flex-wrap items-center justify-end gap-3">
        {checked.ready === 0 ? <Note className="me-auto">{t("import.nothing_new")}</Note> : null}
        <Button onClick={props.onBack}>{t("import.back_to_mapping")}</Button>
        <Button variant="primary" busy={props.busy} disabled={checked.ready === 0} onClick={props.onCommit}>
          {t("import.commit", { count: checked.ready, shown: format.number(checked.ready) })}
        </Button>
      </div>
    </div>
  );
}

const TALLIES = [
  { name: "ready", style: "text-ok" },
  { name: "existing", style: "text-ink" },
  { name: "repeated", style: "text-ink" },
  { name: "bad", style: "text-bad" },
] as const;

export function Tallies({ checked }: { checked: Pick<CheckResult, "ready" | "existing" | "repeated" | "bad"> }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <dl className="grid grid-cols-2 gap-3 md:grid-cols-4">
      {TALLIES.map(({ name, style }) => (
        <Stat
          key={name}
          label={t(`import.tally_${name}`)}
          value={format.number(checked[name])}
          note={t(`import.tally_${name}_hint`)}
          className={cn("text-2xl", checked[name] > 0 ? style : "text-faint")}
        />
      ))}
    </dl>
  );
}

const SHOWN_ERRORS = 20;

function Errors({ resource, errors, actions }: { resource: Resource; errors: RowError[]; actions: ReactNode }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const [only, setOnly] = useState<string>();
  const [all, setAll] = useState(false);
  const counts = new Map<string, number>();
  for (const { field } of errors) counts.set(field, (counts.get(field) ?? 0) + 1);
  const shown = only === undefined ? errors : errors.filter((error) => error.field === only);
  const name = (field: string) => (field ? labels.field(resource, field) : t("import.whole_row"));
  return (
    <Card>
      <CardHead title={t("import.errors_title")} hint={t("import.errors_hint")} actions={actions} />
      <div className="flex flex-wrap gap-2 px-5 pb-3">
        {[...counts].map(([field, count]) => (
          <button
            type="button"
            key={field}
            aria-pressed={only === field}
            onClick={() => setOnly(only === field ? undefined : field)}
            className="inline-flex items-center gap-2 rounded-full border border-line-strong px-3 py-1 text-sm hover:bg-hover aria-pressed:border-accent aria-pressed:bg-accent-soft"
          >
            {name(field)}
            <span className="num text-faint">{format.number(count)}</span>
          </button>
        ))}
      </div>
      <Table aria-label={t("import.errors_title")}>
        <thead>
          <tr>
            <Th className="num-column w-20">{t("import.row")}</Th>
            <Th>{t("import.field")}</Th>
            <Th>{t("import.value")}</Th>
            <Th>{t("import.reason")}</Th>
          </tr>
        </thead>
        <tbody>
          {shown.slice(0, all ? undefined : SHOWN_ERRORS).map((error) => (
            <tr key={`${error.row} ${error.field} ${error.code}`}>
              <Td className="num num-column text-muted">{error.row === undefined ? "" : format.number(error.row)}</Td>
              <Td className="whitespace-nowrap font-medium">{name(error.field)}</Td>
              <Td className="max-w-60 truncate">
                {error.value === null || error.value === undefined ? (
                  <Nothing />
                ) : (
                  <bdi className="rounded bg-sunken px-1.5 py-0.5 font-mono text-xs">
                    {error.value === "" ? t("import.no_value") : String(error.value)}
                  </bdi>
                )}
              </Td>
              <Td className="text-bad">{error.message || labels.problem(error.code) || error.code}</Td>
            </tr>
          ))}
        </tbody>
      </Table>
      {shown.length > SHOWN_ERRORS && !all ? (
        <Button variant="ghost" className="m-3" onClick={() => setAll(true)}>
          {t("import.all_errors", { count: shown.length })}
        </Button>
      ) : null}
    </Card>
  );
}

function Preview({ resource, checked, mapping }: { resource: Resource; checked: CheckResult; mapping: Mapping }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const rows = (checked.preview ?? []).map(previewValues);
  const fields = resource.fields.filter((field) => isSet(mapping[field.name]));
  if (rows.length === 0 || fields.length === 0) return null;
  return (
    <Card>
      <CardHead title={t("import.preview_title")} hint={t("import.preview_hint", { count: rows.length })} />
      <Table aria-label={t("import.preview_title")}>
        <thead>
          <tr>
            {fields.map((field) => (
              <Th key={field.name} className={kindOf(field.kind).numeric ? "num-column" : ""}>
                {labels.field(resource, field.name)}
              </Th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: preview rows have no id yet and never move
            <tr key={index}>
              {fields.map((field) => {
                const { Cell, numeric } = kindOf(field.kind);
                return (
                  <Td key={field.name} className={numeric ? "num-column max-w-60 truncate" : "max-w-60 truncate"}>
                    <Cell field={field} resource={resource} value={row[field.name]} row={row} />
                  </Td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  );
}
