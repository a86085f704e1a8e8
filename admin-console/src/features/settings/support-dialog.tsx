import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { Problem } from "@/lib/problem";
import { Button } from "@/ui/button";
import { CopyLine } from "@/ui/copy-line";
import { Dialog } from "@/ui/dialog";
import { ErrorNote } from "@/ui/error-note";
import { describedBy, Field, Select, Textarea } from "@/ui/field";
import { Note } from "@/ui/note";
import { addressOf, letSupportIn } from "./support-api";

const MINUTES = [15, 30, 45, 60];

/** Lets support in for a reason and a time; afterwards it shows the address that support needs. */
export function SupportDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [reason, setReason] = useState("");
  const [minutes, setMinutes] = useState(30);
  const grant = useMutation({ mutationFn: () => letSupportIn(reason.trim(), minutes) });
  const errors = grant.error instanceof Problem ? grant.error.errors : [];
  const errorOf = (field: string) => errors.find((one) => one.field === field)?.message;
  if (grant.data) {
    return (
      <Dialog
        open
        onOpenChange={onClose}
        title={t("support_access.title")}
        footer={<Button onClick={onClose}>{t("common.close")}</Button>}
      >
        <Note kind="ok" title={t("support_access.granted_title", { when: format.instant(grant.data.ends_at) })}>
          {t("support_access.granted_hint")}
        </Note>
        <CopyLine label={t("support_access.address")} text={addressOf(grant.data)} className="mt-4" />
      </Dialog>
    );
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("support_access.title")}
      description={t("support_access.description")}
      footer={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button
            type="submit"
            form="let-support-in"
            variant="primary"
            busy={grant.isPending}
            disabled={reason.trim().length < 5}
          >
            {t("support_access.let_in")}
          </Button>
        </>
      }
    >
      <form
        id="let-support-in"
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          grant.mutate();
        }}
      >
        {grant.error && errors.length === 0 ? <ErrorNote error={grant.error} /> : null}
        <Field
          id="support-reason"
          label={t("support_access.reason")}
          help={t("support_access.reason_help")}
          error={errorOf("reason")}
          required
        >
          <Textarea
            id="support-reason"
            dir="auto"
            maxLength={500}
            value={reason}
            aria-describedby={describedBy("support-reason", true, errorOf("reason"))}
            onChange={(event) => setReason(event.target.value)}
          />
        </Field>
        <Field id="support-minutes" label={t("support_access.minutes")} error={errorOf("minutes")}>
          <Select
            id="support-minutes"
            value={String(minutes)}
            onChange={(event) => setMinutes(Number(event.target.value))}
          >
            {MINUTES.map((count) => (
              <option key={count} value={count}>
                {t("support_access.for_minutes", { count })}
              </option>
            ))}
          </Select>
        </Field>
      </form>
    </Dialog>
  );
}
