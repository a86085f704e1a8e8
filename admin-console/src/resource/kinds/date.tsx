import { TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { today, useFormat } from "@/lib/format";
import { DateField } from "@/ui/date-field";
import type { CellProps, FilterProps, InputProps, Kind } from "./kind";
import { isEmpty } from "./kind";
import { emptyToNull, Nothing, RangeFilter } from "./shared";

const SOON_DAYS = 30;

function Input({ id, value, onChange, onBlur, disabled, invalid, describedBy }: InputProps) {
  return (
    <DateField
      id={id}
      value={isEmpty(value) ? null : String(value)}
      onChange={onChange}
      {...(onBlur ? { onBlur } : {})}
      disabled={disabled ?? false}
      invalid={invalid ?? false}
      describedBy={describedBy}
    />
  );
}

/** A paper that has run out, or soon will, says so in colour and in words. */
function Cell({ field, value }: CellProps) {
  const { t } = useTranslation();
  const format = useFormat();
  if (isEmpty(value)) return <Nothing />;
  const iso = String(value);
  const expires = /expir/.test(field.name);
  const expired = expires && iso < today();
  const soon = expires && !expired && iso <= today(SOON_DAYS);
  return (
    <span
      className={cn(
        "num inline-flex items-center gap-1.5 whitespace-nowrap",
        expired && "text-bad",
        soon && "text-warn",
      )}
    >
      <bdi>{format.date(iso)}</bdi>
      {expired || soon ? (
        <>
          <TriangleAlert className="size-3.5" aria-hidden />
          <span className="sr-only">{expired ? t("date.expired") : t("date.expires_soon")}</span>
        </>
      ) : null}
    </span>
  );
}

function Filter(props: FilterProps) {
  return <RangeFilter {...props} dates />;
}

export const date: Kind = { Input, Cell, Filter, toBody: emptyToNull };
