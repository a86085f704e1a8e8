import { Check, Copy } from "lucide-react";
import { lazy, Suspense, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { answerOf, client } from "@/lib/api";
import { latinDigits } from "@/lib/format";
import { isProblem } from "@/lib/problem";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ErrorNote } from "@/ui/error-note";
import { describedBy, Field, Input } from "@/ui/field";
import { Skeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import type { Secret } from "./app-card";
import { useFactorChange } from "./changes";
import { useCopy } from "./copy";

const QrCode = lazy(() => import("./qr-code").then((module) => ({ default: module.QrCode })));

interface AppDialogProps {
  secret: Secret;
  onCodes: (codes: string[]) => void;
  onClose: () => void;
}

/** The secret as a picture and as letters, and the first code that shows that the app has it. */
export function AppDialog({ secret, onCodes, onClose }: AppDialogProps) {
  const { t } = useTranslation();
  const id = useId();
  const [code, setCode] = useState("");
  const { copied, copy } = useCopy();
  const confirm = useFactorChange({
    mutationFn: () =>
      answerOf(client.POST("/api/v1/auth/factors/totp/confirm", { body: { code: latinDigits(code).trim() } })),
    onSuccess: ({ recovery_codes }) => {
      onClose();
      if (recovery_codes.length === 0) toast(t("account.app_added"));
      onCodes(recovery_codes);
    },
    onError: undefined,
  });
  const refusal = isProblem(confirm.error) ? confirm.error.errors.find(({ field }) => field === "code") : undefined;
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={t("account.app_add")}
      description={t("account.app_scan")}
      footer={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" form={`${id}-form`} variant="primary" busy={confirm.isPending} disabled={!code.trim()}>
            {t("account.app_confirm")}
          </Button>
        </>
      }
    >
      <Suspense fallback={<Skeleton className="mx-auto size-48" />}>
        <QrCode text={secret.url} label={t("account.app_picture")} />
      </Suspense>
      <p className="mt-4 text-muted text-sm">{t("account.app_by_hand")}</p>
      <div className="mt-1.5 flex items-center gap-2">
        <code dir="ltr" className="min-w-0 flex-1 break-all rounded-lg bg-sunken px-3 py-2 font-mono text-sm">
          {secret.secret.match(/.{1,4}/g)?.join(" ")}
        </code>
        <Button size="icon" aria-label={t("account.copy")} onClick={() => copy(secret.secret)}>
          {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
        </Button>
      </div>
      <form
        id={`${id}-form`}
        className="mt-5"
        onSubmit={(event) => {
          event.preventDefault();
          confirm.mutate();
        }}
      >
        {confirm.error && !refusal ? <ErrorNote error={confirm.error} className="mb-4" /> : null}
        <Field id={id} label={t("account.app_code")} help={t("account.app_code_help")} error={refusal?.message}>
          <Input
            id={id}
            dir="ltr"
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={8}
            value={code}
            aria-invalid={refusal !== undefined || undefined}
            aria-describedby={describedBy(id, true, refusal)}
            onChange={(event) => setCode(event.target.value)}
            className="h-11 text-page-start font-mono text-lg"
          />
        </Field>
      </form>
    </Dialog>
  );
}
