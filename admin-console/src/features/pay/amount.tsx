import { useTranslation } from "react-i18next";
import { useCurrency } from "@/lib/account";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/format";
import { halalas } from "./halalas";

/** An amount in the company's currency; what is not known, or not for this reader, is a dash. */
export function Amount({
  value,
  bare,
  className,
}: {
  value: string | null | undefined;
  bare?: boolean;
  className?: string;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const currency = useCurrency();
  if (value === null || value === undefined || value === "") {
    return (
      <span className="text-faint">
        <span aria-hidden="true">{"—"}</span>
        <span className="sr-only">{t("common.unknown")}</span>
      </span>
    );
  }
  return (
    <span className={cn("num", className)}>
      <bdi className="whitespace-nowrap">{format.number(value, 2)}</bdi>
      {bare ? null : (
        <span className="ms-1 whitespace-nowrap font-normal text-faint text-xs">{format.currency(currency)}</span>
      )}
    </span>
  );
}

/** How far an amount moved, with its sign; no colour, because more pay is neither good nor bad news for everybody. */
export function Change({ value, percent }: { value: string | null; percent?: string | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (value === null) return <span className="text-faint text-xs">{t("pay.new_here")}</span>;
  const count = halalas(value);
  if (count === 0) return <span className="text-faint">{t("pay.same")}</span>;
  const sign = count > 0 ? "+" : "−";
  return (
    <span className="num whitespace-nowrap">
      <bdi>{`${sign}${format.number(Math.abs(count) / 100, 2)}`}</bdi>
      {percent ? (
        // The margin is the page's, so it stands outside of what has a direction of its own.
        <span className="ms-1.5 text-faint text-xs">
          <bdi>{`${sign}${format.upTo(Math.abs(Number(percent)), 1)}%`}</bdi>
        </span>
      ) : null}
    </span>
  );
}

/**
 * A change as a bar from the middle: less to the start, more to the end. Both directions turn with the page, and the figure
 * beside it says the same to whoever does not see the bar.
 */
export function ChangeBar({ change, most, marked }: { change: string; most: number; marked?: boolean }) {
  const count = halalas(change);
  const share = most > 0 ? Math.min(1, Math.abs(count) / most) * 50 : 0;
  const fill = marked ? "bg-warn" : count > 0 ? "bg-ok" : "bg-bad";
  return (
    <span aria-hidden="true" className="relative block h-3 w-full rounded-sm bg-sunken">
      <span className="absolute inset-y-0 start-1/2 w-px bg-line-strong" />
      {count === 0 ? null : (
        <span
          className={cn("absolute inset-y-0.5 rounded-sm", fill, count > 0 ? "start-1/2" : "end-1/2")}
          style={{ width: `${Math.max(share, 0.6)}%` }}
        />
      )}
    </span>
  );
}
