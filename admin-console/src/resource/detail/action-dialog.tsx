import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import type { Action, Resource, Row } from "@/api/model";
import { useLabels } from "@/lib/labels";
import { runAction, titleOf } from "@/lib/resource-api";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorNote } from "@/ui/error-note";
import { toast } from "@/ui/toast";
import { FieldControl, type FormValues } from "../form/field-control";
import { bodyForCreate, showErrors, startingValues } from "../form/values";

interface ActionDialogProps {
  resource: Resource;
  row: Row;
  action: Action;
  /** What its inputs begin with, where the reader has already said it by where he clicked. */
  preset?: FormValues;
  onClose: () => void;
}

/** Asks for what an action needs and runs it. */
export function ActionDialog({ resource, row, action, preset, onClose }: ActionDialogProps) {
  const { t } = useTranslation();
  const labels = useLabels();
  const inputs = action.inputs ?? [];
  const form = useForm<FormValues>({ defaultValues: { ...startingValues(inputs), ...preset } });
  const [allShown, setAllShown] = useState(false);
  const name = labels.action(resource, action.name);
  const run = useMutation({
    mutationFn: (values: FormValues) => runAction(resource, row.id, action.name, bodyForCreate(inputs, values)),
    onSuccess: () => {
      toast(t("action.done", { action: name }));
      onClose();
    },
    onError: (error) => setAllShown(showErrors(form, inputs, error)),
  });
  const formId = `action-${action.name}`;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      size={inputs.length > 2 ? "md" : "sm"}
      title={name}
      description={action.danger ? t("action.danger", { what: titleOf(resource, row) }) : titleOf(resource, row)}
      footer={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" form={formId} variant={action.danger ? "danger" : "primary"} busy={run.isPending}>
            {name}
          </Button>
        </>
      }
    >
      <form id={formId} noValidate onSubmit={form.handleSubmit((values) => run.mutate(values))} className="space-y-4">
        {run.error && !allShown ? <ErrorNote error={run.error} /> : null}
        {inputs.map((field) => (
          <FieldControl key={field.name} control={form.control} resource={resource} field={field} />
        ))}
        {inputs.length === 0 && !run.error ? <p className="text-muted text-sm">{t("action.confirm")}</p> : null}
      </form>
    </Dialog>
  );
}
