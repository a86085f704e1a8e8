import { useTranslation } from "react-i18next";
import { addMonths, thisMonth, useFormat } from "@/lib/format";
import { Select } from "@/ui/field";

interface MonthRangeProps {
  from: string;
  to: string;
  onChange: (range: { from: string; to: string }) => void;
}

const BACK = 36;
const PRESETS = [3, 6, 12] as const;

/** From one month to another, both included. */
export function MonthRange({ from, to, onChange }: MonthRangeProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const known = Array.from({ length: BACK }, (_, index) => addMonths(thisMonth(), -index));
  const months = [...new Set([...known, from, to])].sort().reverse();
  const ends = [
    {
      id: "fuel-from",
      label: t("filter.from"),
      value: from,
      set: (month: string) => ({ from: month, to: month > to ? month : to }),
    },
    {
      id: "fuel-to",
      label: t("filter.to"),
      value: to,
      set: (month: string) => ({ from: month < from ? month : from, to: month }),
    },
  ];
  return (
    <>
      {ends.map((end) => (
        <div key={end.id} className="min-w-36 max-sm:flex-1">
          <label htmlFor={end.id} className="mb-1 block text-muted text-xs">
            {end.label}
          </label>
          <Select id={end.id} value={end.value} onChange={(event) => onChange(end.set(event.target.value))}>
            {months.map((month) => (
              <option key={month} value={month}>
                {format.month(month)}
              </option>
            ))}
          </Select>
        </div>
      ))}
      <div className="flex rounded-lg border border-line-strong bg-surface p-0.5 shadow-card">
        {PRESETS.map((count) => (
          <button
            type="button"
            key={count}
            aria-pressed={to === thisMonth() && from === thisMonth(1 - count)}
            onClick={() => onChange({ from: thisMonth(1 - count), to: thisMonth() })}
            className="h-7.5 rounded-md px-2.5 text-muted text-sm hover:text-ink aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-accent-text"
          >
            {t("fuel.last_months", { count })}
          </button>
        ))}
      </div>
    </>
  );
}
