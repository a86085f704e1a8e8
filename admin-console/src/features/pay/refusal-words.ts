import { useTranslation } from "react-i18next";
import { useLabels } from "@/lib/labels";
import { REFUSALS } from "./pay-api";
import type { Refusal } from "./shapes";

/** Why somebody could not be paid, and what to do about it. */
export function useRefusalWords() {
  const { t } = useTranslation();
  const labels = useLabels();
  return {
    why(refusal: Refusal): string {
      const said = labels.choice(REFUSALS, "code", refusal.code);
      const field = refusal.field ? fieldWords(refusal.field) : undefined;
      const about = [field, refusal.found ? `\u2068${refusal.found}\u2069` : undefined].filter(Boolean).join(": ");
      return about ? `${said} (${about})` : said;
    },
    todo(refusal: Refusal): string {
      return t(`pay.todo.${refusal.code as "other"}`, { defaultValue: t("pay.todo.other") });
    },
  };

  function fieldWords(field: string): string | undefined {
    for (const resource of ["hr.payroll_inputs", "hr.courier_targets", "fleet.couriers", "hr.payroll_parameters"]) {
      const label = labels.field(resource, field);
      // A field without a label reads as its own name: that of another resource may be a word.
      if (label.toLowerCase() !== field.replace(/_id$/, "").replaceAll("_", " ")) return label;
    }
    return undefined;
  }
}
