import { useTranslation } from "react-i18next";
import { readable } from "@/lib/labels";

/** What a line of pay is of. */
export function useKindWords() {
  const { t } = useTranslation();
  return (kind: string): string => t(`pay.kind.${kind as "basic"}`, { defaultValue: readable(kind) });
}
