import { useTranslation } from "react-i18next";
import { readable } from "@/lib/labels";

/** Why a courier's pay should be looked at before the run is approved. */
export function useOutlierWords() {
  const { t } = useTranslation();
  return (code: string): string => t(`pay.outlier.${code as "net_up"}`, { defaultValue: readable(code) });
}
