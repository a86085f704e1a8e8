import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { isProblem } from "@/lib/problem";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorNote } from "@/ui/error-note";
import { describedBy, Field, Input } from "@/ui/field";

interface NameDialogProps {
  title: string;
  description?: string;
  submit: string;
  /** What stands there at first. */
  first: string;
  change: { isPending: boolean; error: unknown };
  onSubmit: (name: string) => void;
  onClose: () => void;
}

/** Asks what something is to be called. */
export function NameDialog({ title, description, submit, first, change, onSubmit, onClose }: NameDialogProps) {
  const { t } = useTranslation();
  const [name, setName] = useState(first);
  const id = useId();
  const refusal = isProblem(change.error) ? change.error.errors.find(({ field }) => field === "name") : undefined;
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={title}
      description={description}
      footer={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" form={`${id}-form`} variant="primary" busy={change.isPending} disabled={!name.trim()}>
            {submit}
          </Button>
        </>
      }
    >
      <form
        id={`${id}-form`}
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit(name.trim());
        }}
      >
        {change.error && !refusal ? <ErrorNote error={change.error} className="mb-4" /> : null}
        <Field id={id} label={t("account.name")} help={t("account.name_help")} error={refusal?.message}>
          <Input
            id={id}
            dir="auto"
            maxLength={100}
            value={name}
            aria-invalid={refusal !== undefined || undefined}
            aria-describedby={describedBy(id, true, refusal)}
            onChange={(event) => setName(event.target.value)}
            className="text-page-start"
          />
        </Field>
      </form>
    </Dialog>
  );
}
