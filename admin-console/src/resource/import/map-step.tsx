import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Field, Resource } from "@/api/model";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { ErrorNote } from "@/ui/error-note";
import { Note } from "@/ui/note";
import { writableFields } from "../form/values";
import type { CheckResult, Mapping, Source, Upload } from "./import-api";
import { isSet, mustBeSet } from "./must-be-set";
import { SourceEditor } from "./source-editor";

interface MapStepProps {
  resource: Resource;
  upload: Upload;
  checked: CheckResult | undefined;
  mapping: Mapping;
  onMapping: (mapping: Mapping) => void;
  busy: boolean;
  error: unknown;
  onBack: () => void;
  onCheck: () => void;
}

/** Says for every field which columns it comes from. Fields that matter stand first, the rest can be unfolded. */
export function MapStep({ resource, upload, checked, mapping, onMapping, busy, error, onBack, onCheck }: MapStepProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const format = useFormat();
  const fields = writableFields(resource.fields, true).filter((field) => field.kind !== "file");
  // Which fields stand first is decided once: a row must not jump away while it is being set.
  const [first] = useState(() =>
    fields.filter((field) => mustBeSet(field) || resource.title.includes(field.name) || mapping[field.name]),
  );
  const rest = fields.filter((field) => !first.includes(field));
  const [unfolded, setUnfolded] = useState(first.length < 6);
  const missing = fields.filter((field) => mustBeSet(field) && !isSet(mapping[field.name]));
  const used = Object.values(mapping).filter(isSet).length;

  function change(field: Field, source: Source | undefined) {
    const next = { ...mapping };
    if (source) next[field.name] = source;
    else delete next[field.name];
    onMapping(next);
  }

  const editor = (field: Field) => (
    <SourceEditor
      key={field.name}
      resource={resource}
      field={field}
      columns={upload.columns}
      source={mapping[field.name]}
      unmatched={checked?.unmatched?.[field.name]}
      onChange={(source) => change(field, source)}
    />
  );

  return (
    <>
      <Card className="pb-1">
        <CardHead
          title={t("import.map_title")}
          hint={t("import.map_hint", {
            file: upload.file_name,
            rows: format.number(upload.rows),
            columns: format.number(upload.columns.length),
            count: upload.rows,
          })}
        />
        {(upload.notes ?? []).map((note) => (
          <Note key={note} className="mx-5 mb-3">
            {labels.problem(note) ?? note}
          </Note>
        ))}
        {error ? <ErrorNote error={error} className="mx-5 mb-4" /> : null}
        <ul className="divide-y divide-line border-line border-t">
          {first.map(editor)}
          {unfolded ? rest.map(editor) : null}
        </ul>
        {rest.length > 0 && !unfolded ? (
          <Button variant="ghost" className="m-3" onClick={() => setUnfolded(true)}>
            {t("import.more_fields", { count: rest.length })}
          </Button>
        ) : null}
      </Card>
      <div className="mt-4 flex flex-wrap items-center justify-end gap-3">
        {missing.length > 0 ? (
          <p className="me-auto text-sm text-warn">
            {t("import.missing", {
              fields: format.list(missing.map((field) => labels.field(resource, field.name))),
            })}
          </p>
        ) : null}
        <Button onClick={onBack}>{t("import.other_file")}</Button>
        <Button variant="primary" busy={busy} disabled={used === 0} onClick={onCheck}>
          {t("import.check")}
        </Button>
      </div>
    </>
  );
}
