import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { Button } from "./button";
import { toast } from "./toast";

interface CopyLineProps {
  /** Read out with the button. */
  label: string;
  text: string;
  className?: string;
}

/** Something to be pasted elsewhere exactly as it is: shown whole, copied with one press. */
export function CopyLine({ label, text, className }: CopyLineProps) {
  const { t } = useTranslation();
  const [done, setDone] = useState(false);
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
      setTimeout(() => setDone(false), 2_000);
    } catch {
      toast(t("domain.not_copied"), "bad");
    }
  }
  return (
    <div className={cn("flex min-w-0 items-center gap-2 rounded-lg border border-line bg-sunken ps-3 pe-1", className)}>
      <code dir="ltr" className="min-w-0 flex-1 select-all break-all py-2 text-start font-mono text-xs">
        {text}
      </code>
      <Button
        variant="ghost"
        size="icon"
        aria-label={`${t(done ? "domain.copied" : "domain.copy")}: ${label}`}
        onClick={copy}
      >
        {done ? <Check className="text-ok" aria-hidden /> : <Copy aria-hidden />}
      </Button>
    </div>
  );
}
