import { useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "@/ui/toast";

/** Copies a text and says so for a moment. */
export function useCopy() {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  async function copy(text: string) {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 2_000);
    } catch {
      // No clipboard: an address without TLS, or a browser that was told to refuse.
      toast(t("account.copy_failed"), "bad");
    }
  }
  return { copied, copy };
}
