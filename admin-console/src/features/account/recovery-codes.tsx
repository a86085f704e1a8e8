import { Check, Copy, Download, Printer } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Checkbox } from "@/ui/field";
import { Note } from "@/ui/note";
import { useCopy } from "./copy";

/** New recovery codes, which nobody can show again: it closes when the person says that they are kept. */
export function CodesDialog({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { user } = useMe();
  const id = useId();
  const [isKept, setKept] = useState(false);
  const { copied, copy } = useCopy();
  const head = t("account.codes_of", { email: user.email, date: format.date(new Date().toISOString()) });

  function save() {
    const url = URL.createObjectURL(new Blob([`${head}\n\n${codes.join("\n")}\n`], { type: "text/plain" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = "barq-recovery-codes.txt";
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  return (
    <Dialog
      open
      onOpenChange={() => isKept && onClose()}
      title={t("account.recovery")}
      description={t("account.codes_once")}
      footer={
        <Button variant="primary" disabled={!isKept} onClick={onClose}>
          {t("account.codes_done")}
        </Button>
      }
    >
      <div data-print>
        <p className="mb-4 hidden print:block">{head}</p>
        <ol
          dir="ltr"
          className="grid grid-cols-1 gap-x-6 gap-y-2 rounded-lg bg-sunken px-5 py-4 font-mono text-sm whitespace-nowrap sm:grid-cols-2"
        >
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ol>
      </div>
      <div className="mt-3 flex flex-wrap gap-2">
        <Button onClick={() => copy(codes.join("\n"))}>
          {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
          {t("account.copy")}
        </Button>
        <Button onClick={save}>
          <Download aria-hidden />
          {t("account.codes_save")}
        </Button>
        <Button onClick={() => window.print()}>
          <Printer aria-hidden />
          {t("account.codes_print")}
        </Button>
      </div>
      <Note className="mt-4">{t("account.codes_what_for")}</Note>
      <label htmlFor={id} className="mt-4 flex min-h-9 items-center gap-2.5 text-sm">
        <Checkbox id={id} checked={isKept} onChange={(event) => setKept(event.target.checked)} />
        {t("account.codes_kept")}
      </label>
    </Dialog>
  );
}
