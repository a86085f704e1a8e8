import { Check, Copy } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Checkbox } from "@/ui/field";
import { Note } from "@/ui/note";
import type { Issued } from "./access-api";

/** A new key, this once. It only closes by the button: what is gone cannot be looked up. */
export function KeySecret({ issued, onClose }: { issued: Issued; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [copied, setCopied] = useState(false);
  const [kept, setKept] = useState(false);
  const text = useRef<HTMLTextAreaElement>(null);
  async function copy() {
    try {
      await navigator.clipboard.writeText(issued.key);
      setCopied(true);
      setKept(true);
    } catch {
      // A page without TLS has no clipboard: the reader copies what is selected.
      text.current?.select();
    }
  }
  return (
    <Dialog
      open
      onOpenChange={() => kept && onClose()}
      size="md"
      title={t("api_key.made", { name: issued.api_key.name })}
      footer={
        <Button variant="primary" disabled={!kept} onClick={onClose}>
          {t("api_key.done")}
        </Button>
      }
    >
      <Note kind="warn" title={t("api_key.once_title")} className="mb-4">
        {t("api_key.once_hint")}
      </Note>
      <div className="flex items-start gap-2">
        <textarea
          ref={text}
          readOnly
          rows={3}
          dir="ltr"
          aria-label={t("api_key.secret")}
          value={issued.key}
          onFocus={(event) => event.target.select()}
          className="min-w-0 flex-1 resize-none break-all rounded-lg border border-line-strong bg-sunken px-3 py-2 font-mono text-[0.8125rem] text-ink"
        />
        <Button onClick={copy}>
          {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
          {copied ? t("api_key.copied") : t("api_key.copy")}
        </Button>
      </div>
      <p className="mt-3 text-muted text-sm">
        {t("api_key.use")}
        <bdi dir="ltr" className="mt-1 block break-all font-mono text-xs">
          {`Authorization: Bearer ${issued.api_key.prefix}…`}
        </bdi>
      </p>
      <p className="mt-2 text-muted text-sm">
        {t("api_key.good_until", { when: format.instant(issued.api_key.expires_at) })}
      </p>
      <label htmlFor="key-kept" className="mt-4 flex cursor-pointer items-start gap-2.5 text-sm">
        <Checkbox id="key-kept" checked={kept} onChange={(event) => setKept(event.target.checked)} className="mt-0.5" />
        {t("api_key.kept")}
      </label>
    </Dialog>
  );
}
