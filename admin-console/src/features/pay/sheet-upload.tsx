import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { Button } from "@/ui/button";
import { CopyLine } from "@/ui/copy-line";
import { Dialog } from "@/ui/dialog";
import { DropZone } from "@/ui/drop-zone";
import { ErrorNote } from "@/ui/error-note";
import { Note } from "@/ui/note";
import { type SheetAnswer, uploadSheet } from "./pay-api";
import { monthOf } from "./run-steps";
import type { Run } from "./shapes";

/** Takes a sheet of work for a draft. Rows that cannot be taken are listed with their reasons; the others are stored. */
export function SheetUpload({ run, onClose }: { run: Run; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const upload = useMutation({ mutationFn: (file: File) => uploadSheet(run.id, file) });
  return (
    <Dialog
      open
      size="md"
      onOpenChange={onClose}
      title={t("pay.sheet")}
      description={t("pay.sheet_hint", { month: format.month(monthOf(run)) })}
      footer={
        upload.data ? (
          <>
            <Button onClick={() => upload.reset()}>{t("pay.another_sheet")}</Button>
            <Button variant="primary" onClick={onClose}>
              {t("common.close")}
            </Button>
          </>
        ) : undefined
      }
    >
      {upload.data ? (
        <Taken answer={upload.data} />
      ) : (
        <>
          <DropZone
            busy={upload.isPending}
            accept=".csv,.xlsx"
            label={t("pay.choose_sheet")}
            hint={t("pay.sheet_kinds")}
            onFile={(file) => upload.mutate(file)}
          />
          {upload.error ? <ErrorNote error={upload.error} className="mt-4" /> : null}
          <p className="mt-4 text-faint text-xs">{t("pay.sheet_columns")}</p>
        </>
      )}
    </Dialog>
  );
}

function Taken({ answer }: { answer: SheetAnswer }) {
  const { t } = useTranslation();
  const format = useFormat();
  const failed = answer.errors.length;
  return (
    <div className="space-y-4 text-sm" aria-live="polite">
      <Note
        kind={failed > 0 ? "warn" : "ok"}
        title={t("pay.sheet_taken", { count: answer.stored, shown: format.number(answer.stored) })}
      >
        {failed > 0 ? t("pay.sheet_failed", { count: failed, shown: format.number(failed) }) : null}
      </Note>
      {failed > 0 ? (
        <ul className="scroll-thin max-h-72 divide-y divide-line overflow-y-auto rounded-xl border border-line">
          {answer.errors.map((error) => (
            <li key={`${error.row} ${error.column} ${error.code}`} className="flex gap-4 px-4 py-2.5">
              <span className="num shrink-0 text-faint">{t("pay.row", { row: format.number(error.row) })}</span>
              <span className="min-w-0 flex-1">
                {error.courier ? (
                  <>
                    <bdi className="font-medium">{error.courier}</bdi>{" "}
                  </>
                ) : null}
                {error.message}
              </span>
            </li>
          ))}
        </ul>
      ) : null}
      <CopyLine label={t("pay.checksum")} text={answer.checksum} />
    </div>
  );
}
