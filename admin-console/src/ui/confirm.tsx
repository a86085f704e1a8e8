import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { ErrorNote } from "./error-note";

interface ConfirmProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description: string;
  confirm: string;
  danger?: boolean;
  busy?: boolean;
  error?: unknown;
  onConfirm: () => void;
  children?: ReactNode;
}

/** Asks before something that cannot be taken back. */
export function Confirm({ open, onOpenChange, title, description, confirm, ...rest }: ConfirmProps) {
  const { t } = useTranslation();
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={title}
      description={description}
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>{t("common.cancel")}</Button>
          <Button variant={rest.danger ? "danger" : "primary"} busy={rest.busy ?? false} onClick={rest.onConfirm}>
            {confirm}
          </Button>
        </>
      }
    >
      {rest.error || rest.children ? (
        <>
          {rest.error ? <ErrorNote error={rest.error} /> : null}
          {rest.children}
        </>
      ) : null}
    </Dialog>
  );
}
