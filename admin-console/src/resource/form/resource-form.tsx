import { useMutation } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import type { Resource, Row } from "@/api/model";
import { randomKey } from "@/lib/id";
import { isProblem } from "@/lib/problem";
import { createRow, updateRow } from "@/lib/resource-api";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Confirm } from "@/ui/confirm";
import { ErrorNote } from "@/ui/error-note";
import { Note } from "@/ui/note";
import { useGroupName } from "../group-name";
import { groupsOf } from "../groups";
import { FieldControl, type FormValues } from "./field-control";
import { bodyForCreate, bodyForUpdate, showErrors, startingValues, writableFields } from "./values";

interface ResourceFormProps {
  resource: Resource;
  /** The row to change; without it a new one is made. */
  row?: Row;
  preset?: FormValues;
  onSaved: (row: Row) => void;
  onCancel: () => void;
  /** Fetches the row as it is now, after somebody else changed it. */
  onReload?: () => void;
}

/** The form of any resource. The rules are the server's: what it refuses is shown at the field, in its words. */
export function ResourceForm({ resource, row, preset, onSaved, onCancel, onReload }: ResourceFormProps) {
  const { t } = useTranslation();
  const groupName = useGroupName(resource);
  const fields = writableFields(resource.fields, row === undefined);
  const form = useForm<FormValues>({ defaultValues: startingValues(fields, row, preset) });
  const { isDirty, dirtyFields } = form.formState;
  // The same form sent twice (a double click, a lost answer) must not make two rows.
  const key = useRef(randomKey());
  const [allShown, setAllShown] = useState(false);
  const saved = useRef(false);

  // A newer version of the row comes in under what the reader typed: their words stay, the rest is renewed.
  const version = row?.version;
  const knownVersion = useRef(version);
  useEffect(() => {
    if (version === knownVersion.current) return;
    knownVersion.current = version;
    form.reset(startingValues(fields, row), { keepDirtyValues: true });
  }, [version, form, fields, row]);

  const save = useMutation({
    mutationFn: (values: FormValues) =>
      row
        ? updateRow(resource, row, bodyForUpdate(fields, values, dirtyFields))
        : createRow(resource, bodyForCreate(fields, values), key.current),
    onSuccess: (result) => {
      saved.current = true;
      onSaved(result);
    },
    onError: (error) => {
      // A refused body may be corrected and sent again, which the server takes as a different request.
      key.current = randomKey();
      setAllShown(showErrors(form, fields, error));
    },
  });

  const leaving = useBlocker({
    shouldBlockFn: () => isDirty && !saved.current,
    enableBeforeUnload: () => isDirty && !saved.current,
    withResolver: true,
  });

  return (
    <form noValidate onSubmit={form.handleSubmit((values) => save.mutate(values))} className="max-w-5xl pb-24">
      {save.error && isProblem(save.error, 412) ? (
        <Note
          kind="warn"
          title={t("form.stale_title")}
          className="mb-4"
          actions={
            <Button
              size="sm"
              onClick={() => {
                save.reset();
                onReload?.();
              }}
            >
              {t("form.stale_reload")}
            </Button>
          }
        >
          {t("form.stale_hint")}
        </Note>
      ) : null}
      {save.error && !isProblem(save.error, 412) && !allShown ? (
        <ErrorNote error={save.error} className="mb-4" />
      ) : null}
      {save.error && allShown ? <ErrorSummary count={Object.keys(form.formState.errors).length} /> : null}
      <p className="mb-2 text-faint text-xs">{t("form.required_mark")}</p>
      <Card>
        {groupsOf(fields).map((group, _, all) => (
          <fieldset key={group.name} className="border-line border-b p-5 last:border-b-0">
            <legend className={all.length > 1 ? "float-start mb-4 font-semibold text-base" : "sr-only"}>
              {groupName(group.name)}
            </legend>
            <div className="clear-both grid gap-x-5 gap-y-4 sm:grid-cols-2 xl:grid-cols-3">
              {group.fields.map((field) => (
                <FieldControl key={field.name} control={form.control} resource={resource} field={field} row={row} />
              ))}
            </div>
          </fieldset>
        ))}
      </Card>
      <div className="fixed inset-x-0 bottom-0 z-20 border-line border-t bg-surface/95 px-4 py-3 backdrop-blur sm:px-6 lg:start-[var(--rail)]">
        <div className="flex max-w-5xl items-center justify-end gap-2">
          <Button onClick={onCancel}>{t("common.cancel")}</Button>
          <Button type="submit" variant="primary" busy={save.isPending} disabled={row !== undefined && !isDirty}>
            {row ? t("form.save") : t("form.create")}
          </Button>
        </div>
      </div>
      <Confirm
        open={leaving.status === "blocked"}
        onOpenChange={(open) => (open ? undefined : leaving.reset?.())}
        title={t("form.leave_title")}
        description={t("form.leave_hint")}
        confirm={t("form.leave")}
        danger
        onConfirm={() => leaving.proceed?.()}
      />
    </form>
  );
}

function ErrorSummary({ count }: { count: number }) {
  const { t } = useTranslation();
  if (count === 0) return null;
  return (
    <p role="alert" className="mb-4 rounded-lg bg-bad-soft px-4 py-3 font-medium text-bad text-sm">
      {t("form.errors", { count })}
    </p>
  );
}
